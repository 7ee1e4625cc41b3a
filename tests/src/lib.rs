//! The harness for the end-to-end stories, the benches and the kernel lab.
//!
//! | module | what it stands for |
//! |---|---|
//! | [`relay`] | a relay process on a free port, with the simulated PC as its target |
//! | [`sim`] | the simulated PC's control interface |
//! | [`account`] | somebody who has signed in over HTTP |
//! | [`drives`] | what somebody puts into the machine's drives |
//! | [`native`] | a viewer without a browser: the link, a decoder, acknowledgements |
//! | [`chromium`] | a viewer in headless Chromium |
//! | [`page`] | the page as an operator uses it |
//! | [`film`] | a recorded file, as ffmpeg sees it |
//! | [`front`] | a reverse proxy before a relay, which can lie |
//! | [`lab`] | a virtual machine with a real kernel, where a relay meets real drivers |
//! | [`picture`] | pixels, their comparison and the time code drawn into them |
//! | [`tus`] | an ordinary tus client |
//! | [`range_server`] | a web server with one file, and with any manners |
//! | [`wait`] | the one way to wait: on state, with a deadline |

pub mod account;
pub mod chromium;
pub mod drives;
pub mod film;
pub mod front;
pub mod lab;
pub mod native;
pub mod page;
pub mod picture;
pub mod range_server;
pub mod relay;
pub mod sim;
pub mod tus;
pub mod wait;
