//! A serial port of the relay's system: an adapter, a port on the board, or the gadget's own.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio_serial::{
    ClearBuffer, DataBits, ErrorKind, SerialPort, SerialPortBuilder, SerialPortBuilderExt,
    SerialStream, StopBits,
};

use super::{Source, Unopened, Wire};
use crate::config::serial::{FlowControl, Frame, Parity};

/// A port by its device.
#[derive(Clone, Debug)]
pub struct Device {
    path: PathBuf,
    frame: Frame,
}

impl Device {
    /// Not yet opened.
    #[must_use]
    pub fn new(path: &Path, frame: Frame) -> Self {
        Self {
            path: path.to_owned(),
            frame,
        }
    }

    /// Whether it can be opened now.
    ///
    /// # Errors
    /// Why not.
    pub fn probe(&self, speed: u32) -> Result<(), Unopened> {
        let opened = self.builder(speed).open_native();
        opened.map(drop).map_err(|error| self.why(&error))
    }

    fn builder(&self, speed: u32) -> SerialPortBuilder {
        tokio_serial::new(self.path.to_string_lossy(), speed)
            .data_bits(match self.frame.data_bits {
                5 => DataBits::Five,
                6 => DataBits::Six,
                7 => DataBits::Seven,
                _ => DataBits::Eight,
            })
            .parity(match self.frame.parity {
                Parity::None => tokio_serial::Parity::None,
                Parity::Even => tokio_serial::Parity::Even,
                Parity::Odd => tokio_serial::Parity::Odd,
            })
            .stop_bits(match self.frame.stop_bits {
                2 => StopBits::Two,
                _ => StopBits::One,
            })
            .flow_control(match self.frame.flow_control {
                FlowControl::None => tokio_serial::FlowControl::None,
                FlowControl::Hardware => tokio_serial::FlowControl::Hardware,
                FlowControl::Software => tokio_serial::FlowControl::Software,
            })
    }

    fn why(&self, error: &tokio_serial::Error) -> Unopened {
        match error.kind() {
            ErrorKind::Io(io::ErrorKind::NotFound) => Unopened::Missing,
            ErrorKind::Io(io::ErrorKind::PermissionDenied) => Unopened::NotPermitted,
            ErrorKind::NoDevice => Unopened::Held,
            _ if !self.path.exists() => Unopened::Missing,
            _ => Unopened::Failed(error.to_string()),
        }
    }
}

impl Source for Device {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn open(&self, speed: u32) -> Result<Box<dyn Wire>, Unopened> {
        let opened = self.builder(speed).open_native_async();
        Ok(Box::new(opened.map_err(|error| self.why(&error))?))
    }
}

impl Wire for SerialStream {
    fn set_speed(&mut self, speed: u32) -> io::Result<()> {
        Ok(self.set_baud_rate(speed)?)
    }

    fn set_break(&mut self, on: bool) -> io::Result<()> {
        match on {
            true => SerialPort::set_break(self)?,
            false => self.clear_break()?,
        }
        Ok(())
    }

    fn is_sent(&self) -> io::Result<bool> {
        Ok(self.bytes_to_write()? == 0)
    }

    fn discard(&mut self) -> io::Result<()> {
        Ok(self.clear(ClearBuffer::Output)?)
    }
}
