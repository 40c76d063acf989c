//! What is looked at when a call returns, and whether anybody wants to know: `struct plan` of `bpf/maps.h`.

use crate::abi::Lane;

/// The call that is told of our own processes, too (`CANARY_CALL` of `bpf/maps.h`): whoever calls it with
/// [`CANARY_BIT`] sees whether calls are told at all. No process has such a number, so it finds nothing.
pub const CANARY_CALL: &str = "getpgid";

/// The bit of its argument.
pub const CANARY_BIT: u32 = 1 << 30;

/// Where in its argument the number of the lane stands that it goes through (`CANARY_LANE`).
pub const CANARY_LANE: u32 = 28;

/// Bytes of a plan in its map.
pub(crate) const PLAN_BYTES: usize = 24;

const PLAN_STEPS: usize = 8;

/// What a record is made of, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a bit of its own in the kernel's map")]
pub struct Plan {
    /// What is added, in this order.
    pub steps: Vec<Step>,
    /// The ring buffer that it goes to.
    pub lane: Lane,
    /// Texts and addresses are copied at entry, too, and compared.
    pub copies: bool,
    /// Only calls that failed.
    pub failures_only: bool,
    /// Only calls that succeeded.
    pub successes_only: bool,
    /// The address of the entry must be the remote end after.
    pub connects: bool,
    /// The first text names a program to run.
    pub executes: bool,
    /// The result is no number of bytes.
    pub counts_messages: bool,
    /// Only of processes that ask name servers, or are one, and of who says where a datagram goes.
    pub askers_only: bool,
    /// Bytes of payload at most, where not the general limit.
    pub payload: Option<u32>,
    /// Only with one of these bits in an argument, which is counted from 0.
    pub mask: Option<(u8, u32)>,
}

/// One look at an argument, counted from 0, or at the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Text in memory.
    Text(u8),
    /// The file or socket of a descriptor; 6 is the result.
    Object(u8),
    /// Where a relative text before it starts; 7 is the working directory.
    Directory(u8),
    /// A socket's address or another structure, as long as the next argument says.
    Address(u8),
    /// The address of who sent, as long as the number that the next argument points to.
    Sender(u8),
    /// A message with address and bytes.
    Message(u8),
    /// As many bytes as the next argument says.
    Given(u8),
    /// As many bytes as the result says.
    Received(u8),
    /// Pieces of memory, as many as the next argument says, and as long as the result says.
    Vectors(u8),
    /// An open: the text of this argument, where it starts, the file, and whether that has the name given at entry.
    Open(u8),
    /// The lane that the sign of life names.
    Lane,
    /// Credentials and namespaces.
    Identity,
    /// Session, terminal, working directory and root.
    Process,
}

impl Step {
    /// As `content/system-calls.yaml` writes it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (name, operand) = text.split_once(' ').unwrap_or((text, ""));
        let number = match operand {
            "" => 7,
            "result" => 6,
            digit => digit.parse().ok().filter(|number| *number < 6)?,
        };
        match name {
            "text" => Some(Step::Text(number)),
            "object" => Some(Step::Object(number)),
            "directory" => Some(Step::Directory(number)),
            "address" | "structure" => Some(Step::Address(number)),
            "message" => Some(Step::Message(number)),
            "sender" => Some(Step::Sender(number)),
            "given" => Some(Step::Given(number)),
            "vectors" => Some(Step::Vectors(number)),
            "received" => Some(Step::Received(number)),
            "open" => Some(Step::Open(number)),
            "identity" => Some(Step::Identity),
            "process" => Some(Step::Process),
            _ => None,
        }
    }

    /// The kernel's number of the step and of its operand: `enum step`.
    fn code(self) -> u8 {
        let (program, operand) = match self {
            Step::Text(number) => (1, number),
            Step::Object(number) => (2, number),
            Step::Directory(number) => (3, number),
            Step::Address(number) => (4, number),
            Step::Message(number) => (5, number),
            Step::Given(number) => (6, number),
            Step::Received(number) => (7, number),
            Step::Open(number) => (8, number),
            Step::Identity => (9, 0),
            Step::Process => (10, 0),
            Step::Sender(number) => (15, number),
            Step::Vectors(number) => (19, number),
            Step::Lane => (20, 0),
        };
        program | (operand & 7) << 5
    }
}

impl Plan {
    /// Every call, with nothing but its arguments.
    pub fn of_lane(lane: Lane) -> Self {
        Plan {
            steps: Vec::new(),
            lane,
            copies: false,
            failures_only: false,
            successes_only: false,
            connects: false,
            executes: false,
            counts_messages: false,
            askers_only: false,
            payload: None,
            mask: None,
        }
    }

    /// Only the sign of life.
    pub(crate) fn canary() -> Self {
        Plan {
            steps: vec![Step::Lane],
            mask: Some((0, CANARY_BIT)),
            ..Plan::of_lane(Lane::Process)
        }
    }

    /// As the kernel's map has it.
    /// `filter`: the number of the filter that judges it, from 1; 0 for none.
    pub(crate) fn bytes(&self, payload: u32, filter: u16) -> [u8; PLAN_BYTES] {
        let flags = [
            true,
            self.copies,
            self.failures_only,
            self.connects,
            self.executes,
            self.counts_messages,
            self.successes_only,
            self.askers_only,
        ];
        let flags = flags.iter().enumerate().fold(0, |sum, (bit, on)| sum | u8::from(*on) << bit);
        let (masked, mask) = self.mask.unwrap_or_default();
        let mut bytes = Vec::with_capacity(PLAN_BYTES);
        bytes.extend(self.steps.iter().take(PLAN_STEPS).map(|step| step.code()));
        bytes.resize(PLAN_STEPS, 0);
        bytes.extend([self.lane as u8, flags]);
        bytes.extend(filter.to_le_bytes());
        bytes.extend(self.payload.unwrap_or(payload).to_le_bytes());
        bytes.extend(mask.to_le_bytes());
        bytes.extend(u32::from(masked).to_le_bytes());
        bytes.try_into().unwrap_or([0; PLAN_BYTES])
    }
}
