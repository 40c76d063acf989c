//! Deterministic mutations of an input: the same bytes give the same mutations in every run.

/// How many mutations of one input are made.
const COUNT: u64 = 48;

/// Inputs near to `input`: cut, flipped, overwritten, repeated and emptied in places that depend on
/// its content alone.
pub fn mutations(input: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let seed = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (0..COUNT).map(move |round| mutate(input, &mut Dice(seed.wrapping_add(round))))
}

fn mutate(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut output = input.to_vec();
    for _ in 0..=dice.below(3) {
        step(&mut output, dice);
    }
    output
}

fn step(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let place = dice.below(bytes.len().max(1));
    let span = (1 + dice.below(32)).min(bytes.len().saturating_sub(place));
    match dice.below(7) {
        0 => bytes.truncate(place),
        1 => drop(bytes.drain(place..place + span)),
        2 => flip(bytes, place, dice),
        3 => bytes.iter_mut().skip(place).take(span).for_each(|byte| *byte = 0),
        4 => bytes.iter_mut().skip(place).take(span).for_each(|byte| *byte = 0xff),
        5 => bytes.extend_from_within(place..place + span),
        _ => insert(bytes, place, dice),
    }
}

fn flip(bytes: &mut [u8], place: usize, dice: &mut Dice) {
    if let Some(byte) = bytes.get_mut(place) {
        *byte ^= 1 << dice.below(8);
    }
}

/// Writes something that parsers are known to trip over.
fn insert(bytes: &mut Vec<u8>, place: usize, dice: &mut Dice) {
    const TROUBLE: [&[u8]; 10] = [
        b"99999999999999999999",
        b"-1",
        b"\0",
        b"\xc0\xaf",
        b"../../../",
        b"\xff\xff\xff\x7f",
        b"\n\n",
        b"{\"a\":[[[[",
        b"7777777777777",
        b"\xef\xbb\xbf",
    ];
    let trouble = TROUBLE[dice.below(TROUBLE.len())];
    bytes.splice(place..place, trouble.iter().copied());
}

/// `SplitMix64` (Steele, Lea, Flood 2014): small, and its sequence is fixed for ever.
struct Dice(u64);

impl Dice {
    /// A number below `limit`, which is not 0.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        usize::try_from((mixed ^ (mixed >> 31)) % limit).unwrap_or(0)
    }
}
