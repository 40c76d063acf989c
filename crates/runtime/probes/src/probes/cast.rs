//! The kernel's function that makes addresses known to the verifier, which the loader of maps and programs does not
//! know: its number is put into the object before that is loaded.

use aya::Btf;
use aya_obj::btf::BtfKind;

/// A call of one of the kernel's functions (`BPF_PSEUDO_KFUNC_CALL`) whose number is `cast`: `bpf/helpers.h`.
const PLACE: [u8; 8] = *b"\x85\x20\0\0cast";

/// `r0 = 0`
const NOTHING: [u8; 8] = [0xb7, 0, 0, 0, 0, 0, 0, 0];

/// An object with that function's number wherever it is called; on a kernel without, nothing comes of the call.
pub(super) fn with_casts(object: &[u8], btf: &Btf) -> Vec<u8> {
    let number = btf.id_by_type_name_kind("bpf_rdonly_cast", BtfKind::Func).ok();
    let instruction = number.map_or(NOTHING, |number| {
        let [a, b, c, d] = number.to_le_bytes();
        [0x85, 0x20, 0, 0, a, b, c, d]
    });
    let mut object = object.to_vec();
    for word in object.chunks_exact_mut(PLACE.len()) {
        if word == PLACE {
            word.copy_from_slice(&instruction);
        }
    }
    object
}
