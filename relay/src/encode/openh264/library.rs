#![expect(unsafe_code, reason = "openh264 is a C++ library")]
//! The library's encoder, as a value that cannot be misused.

use std::ptr::{NonNull, from_mut, null_mut};

use openh264_sys2::{
    ENCODER_OPTION, ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, ENCODER_OPTION_TRACE_LEVEL, ISVCEncoder,
    ISVCEncoderVtbl, SEncParamExt, SFrameBSInfo, SSourcePicture, WELS_LOG_QUIET, source::APILoader,
    videoFormatI420, videoFrameTypeIDR, videoFrameTypeInvalid, videoFrameTypeSkip,
};

use crate::encode::I420;

/// An encoder that is initialized.
pub(super) struct Library {
    encoder: NonNull<ISVCEncoder>,
    parameters: SEncParamExt,
    info: Box<SFrameBSInfo>,
}

// SAFETY: the encoder has no ties to the thread that made it, and `&mut self` keeps its calls apart.
unsafe impl Send for Library {}

/// A call that the library refused: its name and the code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused(pub(super) &'static str, pub(super) i32);

/// What became of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    Key,
    Delta,
    Nothing,
}

fn accepted(call: &'static str, code: i32) -> Result<(), Refused> {
    if code == 0 {
        Ok(())
    } else {
        Err(Refused(call, code))
    }
}

impl Library {
    /// Makes an encoder with the library's defaults as `change` has changed them.
    pub(super) fn open(change: impl FnOnce(&mut SEncParamExt)) -> Result<Self, Refused> {
        let mut encoder: *mut ISVCEncoder = null_mut();
        // SAFETY: the call writes one pointer.
        let code = unsafe { APILoader::WelsCreateSVCEncoder(&raw mut encoder) };
        accepted("WelsCreateSVCEncoder", code)?;
        let encoder = NonNull::new(encoder).ok_or(Refused("WelsCreateSVCEncoder", code))?;
        let mut library = Self {
            encoder,
            parameters: SEncParamExt::default(),
            info: Box::default(),
        };
        let mut level = WELS_LOG_QUIET;
        // SAFETY: this option's value is one `int`, which the encoder copies.
        unsafe { library.set_option(ENCODER_OPTION_TRACE_LEVEL, &mut level) }?;
        let methods = library.methods();
        let defaults = methods
            .GetDefaultParams
            .ok_or(Refused("GetDefaultParams", 0))?;
        // SAFETY: the call writes one `SEncParamExt`.
        let code = unsafe { defaults(encoder.as_ptr(), &raw mut library.parameters) };
        accepted("GetDefaultParams", code)?;
        change(&mut library.parameters);
        let initialize = methods.InitializeExt.ok_or(Refused("InitializeExt", 0))?;
        // SAFETY: the call reads one `SEncParamExt`.
        let code = unsafe { initialize(encoder.as_ptr(), &raw const library.parameters) };
        accepted("InitializeExt", code)?;
        Ok(library)
    }

    /// Sets the quantizer of the pictures from the next one on.
    pub(super) fn set_quantizer(&mut self, quantizer: u8) -> Result<(), Refused> {
        let quantizer = i32::from(quantizer);
        if self.parameters.sSpatialLayers[0].iDLayerQp == quantizer {
            return Ok(());
        }
        self.parameters.sSpatialLayers[0].iDLayerQp = quantizer;
        let mut parameters = self.parameters;
        // SAFETY: this option's value is one `SEncParamExt`, which the encoder copies. The quantizer of a layer is among what
        // may change between two pictures.
        unsafe { self.set_option(ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, &mut parameters) }
    }

    /// Makes the next picture a key frame.
    pub(super) fn force_key(&mut self) -> Result<(), Refused> {
        let force = self
            .methods()
            .ForceIntraFrame
            .ok_or(Refused("ForceIntraFrame", 0))?;
        // SAFETY: the encoder is initialized, and changes itself only.
        let code = unsafe { force(self.encoder.as_ptr(), true) };
        accepted("ForceIntraFrame", code)
    }

    /// Encodes a picture of the size that the encoder was opened for, and appends its access unit.
    pub(super) fn encode(&mut self, picture: &I420, unit: &mut Vec<u8>) -> Result<Output, Refused> {
        let (width, height) = (self.parameters.iPicWidth, self.parameters.iPicHeight);
        assert!(
            (picture.width(), picture.height()) == (width as usize, height as usize),
            "an encoder takes pictures of one size"
        );
        let source = SSourcePicture {
            iColorFormat: videoFormatI420,
            iStride: [width, width / 2, width / 2, 0],
            pData: [
                picture.y().as_ptr().cast_mut(),
                picture.u().as_ptr().cast_mut(),
                picture.v().as_ptr().cast_mut(),
                null_mut(),
            ],
            iPicWidth: width,
            iPicHeight: height,
            ..SSourcePicture::default()
        };
        let encode = self
            .methods()
            .EncodeFrame
            .ok_or(Refused("EncodeFrame", 0))?;
        // SAFETY: the planes are as large as width, height and strides say, which `I420` keeps and the assertion checked. The
        // encoder only reads them, and not after the call.
        let code = unsafe {
            encode(
                self.encoder.as_ptr(),
                &raw const source,
                from_mut(&mut *self.info),
            )
        };
        accepted("EncodeFrame", code)?;
        #[expect(non_upper_case_globals, reason = "the library's names")]
        let output = match self.info.eFrameType {
            videoFrameTypeInvalid | videoFrameTypeSkip => return Ok(Output::Nothing),
            videoFrameTypeIDR => Output::Key,
            _ => Output::Delta,
        };
        self.append(unit);
        Ok(output)
    }

    fn append(&self, unit: &mut Vec<u8>) {
        let layers = usize::try_from(self.info.iLayerNum).unwrap_or(0);
        for layer in self.info.sLayerInfo.iter().take(layers) {
            let count = usize::try_from(layer.iNalCount).unwrap_or(0);
            // SAFETY: the encoder has just filled in `count` lengths, and the buffer holds as many bytes as they sum up to; both
            // are valid until the next call.
            let bytes = unsafe {
                let lengths = std::slice::from_raw_parts(layer.pNalLengthInByte, count);
                let size = lengths.iter().map(|length| *length as usize).sum();
                std::slice::from_raw_parts(layer.pBsBuf, size)
            };
            unit.extend_from_slice(bytes);
        }
    }

    fn methods(&self) -> ISVCEncoderVtbl {
        // SAFETY: the library's object begins with a pointer to its table of methods, which lives as long as the program.
        unsafe { **self.encoder.as_ref() }
    }

    /// # Safety
    /// `value` must be what the option reads.
    unsafe fn set_option<T>(
        &mut self,
        option: ENCODER_OPTION,
        value: &mut T,
    ) -> Result<(), Refused> {
        let set = self.methods().SetOption.ok_or(Refused("SetOption", 0))?;
        // SAFETY: the caller's promise.
        let code = unsafe { set(self.encoder.as_ptr(), option, from_mut(value).cast()) };
        accepted("SetOption", code)
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: the encoder was made by this library and is used no more. Uninitializing one that is not initialized does
        // nothing.
        unsafe {
            if let Some(uninitialize) = self.methods().Uninitialize {
                uninitialize(self.encoder.as_ptr());
            }
            APILoader::WelsDestroySVCEncoder(self.encoder.as_ptr());
        }
    }
}
