//! The kernel's function that makes addresses known to the verifier, which the loader of maps and programs does not
//! know: its number is put into the object before that is loaded.

use aya::Btf;
use aya_obj::btf::BtfKind;

/// The number that stands in an instruction for what is known when it is loaded.
const PLACE: [u8; 4] = *b"cast";

/// A call of one of the kernel's functions (`BPF_PSEUDO_KFUNC_CALL`), and `r0 = 0`.
const CALL: &[u8] = &[0x85, 0x20, 0, 0];
const NOTHING: [u8; 8] = [0xb7, 0, 0, 0, 0, 0, 0, 0];

/// A number that goes into a register, the second byte.
const MOVE: u8 = 0xb7;

/// An object with that function's number wherever it is called, and whether there is one where that is asked; on a kernel without,
/// nothing comes of the call: `bpf/helpers.h`.
pub(super) fn with_casts(object: &[u8], btf: &Btf) -> Vec<u8> {
    let mut object = object.to_vec();
    put_casts(&mut object, btf.id_by_type_name_kind("bpf_rdonly_cast", BtfKind::Func).ok());
    object
}

fn put_casts(object: &mut [u8], number: Option<u32>) {
    let (instructions, _) = object.as_chunks_mut::<8>();
    for instruction in instructions {
        let (operation, place) = instruction.split_at_mut(PLACE.len());
        if place != PLACE {
            continue;
        }
        match (&*operation, number) {
            (CALL, Some(number)) => place.copy_from_slice(&number.to_le_bytes()),
            (CALL, None) => instruction.copy_from_slice(&NOTHING),
            ([MOVE, 0..=9, 0, 0], _) => {
                place.copy_from_slice(&u32::from(number.is_some()).to_le_bytes());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_are_put_where_they_are_asked_for() {
        let object = *b"\x85\x20\0\0cast\xb7\x03\0\0cast\x85\x20\0\0core\x7a\x03\0\0castcast";
        let put = |number| {
            let mut object = object;
            put_casts(&mut object, number);
            object
        };
        assert_eq!(
            &put(Some(0x0102_0304)),
            b"\x85\x20\0\0\x04\x03\x02\x01\xb7\x03\0\0\x01\0\0\0\x85\x20\0\0core\x7a\x03\0\0castcast"
        );
        assert_eq!(
            &put(None),
            b"\xb7\0\0\0\0\0\0\0\xb7\x03\0\0\0\0\0\0\x85\x20\0\0core\x7a\x03\0\0castcast"
        );
    }
}
