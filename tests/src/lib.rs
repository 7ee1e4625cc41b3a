//! The harness for the end-to-end stories and the kernel lab.
