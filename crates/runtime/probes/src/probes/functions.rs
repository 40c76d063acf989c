//! Programs on the kernel's functions that do system calls, where nothing is paid for calls that nobody wants.
//!
//! A call `openat` is done by `__x64_sys_openat`, for 32-bit programs by `__ia32_sys_openat` or
//! `__ia32_compat_sys_openat`; one without arguments, for both, by `__do_sys_getuid` (`arch/x86/include/asm/syscall_wrapper.h`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aya::maps::{MapData, ProgramArray};
use aya::programs::fentry::FEntryLink;
use aya::programs::fexit::FExitLink;
use aya::programs::{FEntry, FExit, Program};
use aya::{Btf, Ebpf, Endianness};

use super::load::{patiently, reason, set_step};
use super::{STEPS, chain};
use crate::calls::SystemCall;

/// What stands before the name of a call's function.
const PREFIXES: [&str; 3] = ["__x64_sys_", "__ia32_sys_", "__ia32_compat_sys_"];

/// What stands before that of a call without arguments.
const PLAIN: [&str; 2] = ["__do_sys_", "__do_compat_sys_"];

/// Functions of both types that those of calls have, what stands before the names of programs for them, and their table
/// of steps: with a parameter `regs`, and with one that is `__unused`.
const FAMILIES: [(&str, &str, &str); 2] =
    [("__x64_sys_getpgid", "hook_", "hook_steps"), ("__do_sys_getppid", "weak_", "weak_steps")];

/// The function that refuses calls for seccomp(2).
const REFUSES: &str = "__secure_computing";

/// The function that new threads begin with.
const BEGINS: &str = "schedule_tail";

/// Calls that return in two threads.
const TWICE: [&str; 4] = ["clone", "clone3", "fork", "vfork"];

/// Calls that never return.
const NEVER: [&str; 2] = ["exit", "exit_group"];

/// The step that calls of functions begin with (`STEP_CALL`).
const CALL: (u32, &str) = (21, "step_call");

/// What hangs on functions.
pub(super) struct Functions {
    /// Where the kernel describes its types.
    types: PathBuf,
    /// Functions that it describes, of those that do calls.
    known: BTreeSet<String>,
    /// The kernel empties the table when nobody holds it any more.
    _steps: Vec<ProgramArray<MapData>>,
    held: BTreeMap<Place, Held>,
    wanted: BTreeSet<Place>,
}

/// A program on a function.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Place {
    function: String,
    hook: Hook,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Hook {
    /// Of a call that begins, of which copies are taken.
    Begin,
    /// Of a call that ends.
    End,
    /// Of one that seccomp(2) refuses.
    Refusal,
    /// Of a thread that begins with the end of a call.
    Child,
}

impl Hook {
    /// Programs of which the kernel takes one, by the type of the function.
    fn programs(self) -> &'static [&'static str] {
        match self {
            Hook::Begin => &["function_begins"],
            Hook::End => &["hook_ends", "weak_ends"],
            Hook::Refusal => &["call_refused"],
            Hook::Child => &["child_begins"],
        }
    }
}

/// While it is held, the program hangs there.
struct Held {
    /// The kernel's number for the program.
    id: u32,
    _link: Link,
}

#[expect(dead_code, reason = "a link is there to be held")]
enum Link {
    Begin(FEntryLink),
    End(FExitLink),
}

impl Functions {
    /// Loads the steps, and tries one function. The error says what is in the way.
    pub(super) fn load(kernel: &mut Ebpf, types: &Path) -> Result<Self, String> {
        let bytes = fs_err::read(types).map_err(|error| error.to_string())?;
        let known = functions(&bytes);
        let btf = Btf::parse(&bytes, Endianness::default()).map_err(|error| chain(&error))?;
        let mut tables = Vec::new();
        for (model, prefix, table) in FAMILIES {
            let map = kernel.take_map(table).ok_or("the compiled probes have no such steps")?;
            let mut steps = ProgramArray::try_from(map).map_err(|error| chain(&error))?;
            for (number, name) in STEPS.iter().chain([&CALL]) {
                let name = name.replacen("step_", prefix, 1);
                // Some are no part of any call's plan.
                let Some(Program::FExit(program)) = kernel.program_mut(&name) else { continue };
                let loaded = patiently(|| program.load(model, &btf));
                loaded.map_err(|error| format!("{name}: {}", reason(&error)))?;
                set_step(kernel, &mut steps, *number, &name)?;
            }
            tables.push(steps);
        }
        let (types, held, wanted) = (types.to_owned(), BTreeMap::new(), BTreeSet::new());
        let mut functions = Self { types, known, _steps: tables, held, wanted };
        for (model, ..) in FAMILIES {
            let place = Place { function: model.to_owned(), hook: Hook::End };
            functions.hang(kernel, &btf, place)?;
        }
        Ok(functions)
    }

    /// Hangs programs on the functions of these calls, with whether they are copied at entry, where none is yet. Those
    /// that are not wanted any more stay until [`Functions::leave`].
    pub(super) fn follow<'a>(
        &mut self,
        kernel: &mut Ebpf,
        calls: impl Iterator<Item = (&'a SystemCall, bool)>,
    ) -> Result<(), String> {
        self.wanted.clear();
        for (call, is_copied) in calls {
            self.add_places(call, is_copied);
        }
        let is_there = |place: &&Place| self.held.contains_key(place);
        let lacking: Vec<Place> =
            self.wanted.iter().filter(|place| !is_there(place)).cloned().collect();
        if lacking.is_empty() {
            return Ok(());
        }
        let btf = self.kernel_types()?;
        for place in lacking {
            self.hang(kernel, &btf, place)?;
        }
        Ok(())
    }

    /// Takes away what hangs elsewhere.
    pub(super) fn leave(&mut self) {
        self.held.retain(|place, _| self.wanted.contains(place));
    }

    /// The types of the kernel.
    pub(super) fn kernel_types(&self) -> Result<Btf, String> {
        Btf::parse_file(&self.types, Endianness::default()).map_err(|error| chain(&error))
    }

    /// The kernel's numbers of programs, and the functions that they hang on.
    pub(super) fn programs(&self) -> impl Iterator<Item = (u32, &str)> {
        self.held.iter().map(|(place, held)| (held.id, place.function.as_str()))
    }

    fn add_places(&mut self, call: &SystemCall, is_copied: bool) {
        let (known, wanted) = (&self.known, &mut self.wanted);
        let mut add = |function: String, hook| wanted.insert(Place { function, hook });
        add(REFUSES.to_owned(), Hook::Refusal);
        if TWICE.contains(&call.name.as_str()) {
            add(BEGINS.to_owned(), Hook::Child);
        }
        if NEVER.contains(&call.name.as_str()) {
            return;
        }
        let named = |prefixes: &'static [&str]| {
            let all = prefixes
                .iter()
                .flat_map(|prefix| call.functions().map(move |name| format!("{prefix}{name}")));
            all.filter(|function| known.contains(function))
        };
        let mut functions: Vec<String> = named(&PREFIXES).collect();
        if functions.is_empty() {
            functions.extend(named(&PLAIN));
        }
        for function in functions {
            if is_copied {
                add(function.clone(), Hook::Begin);
            }
            add(function, Hook::End);
        }
    }

    fn hang(&mut self, kernel: &mut Ebpf, btf: &Btf, place: Place) -> Result<(), String> {
        let mut refused = String::new();
        for name in place.hook.programs() {
            let hung = match kernel.program_mut(name) {
                Some(Program::FEntry(program)) => hang_at_begin(program, &place.function, btf),
                Some(Program::FExit(program)) => hang_at_end(program, &place.function, btf),
                _ => Err(format!("the compiled probes have no {name}")),
            };
            match hung {
                Ok(held) => {
                    self.held.insert(place, held);
                    return Ok(());
                }
                Err(why) => refused = format!("{}: {why}", place.function),
            }
        }
        Err(refused)
    }
}

/// Loads the program once more, for a function, and keeps its link alone.
fn hang_at_begin(program: &mut FEntry, function: &str, btf: &Btf) -> Result<Held, String> {
    let hung = patiently(|| program.load(function, btf)).and_then(|()| {
        let id = program.info()?.id();
        let link = program.attach()?;
        Ok(Held { id, _link: Link::Begin(program.take_link(link)?) })
    });
    let _ = program.unload();
    hung.map_err(|error| reason(&error))
}

/// The same at its end.
fn hang_at_end(program: &mut FExit, function: &str, btf: &Btf) -> Result<Held, String> {
    let hung = patiently(|| program.load(function, btf)).and_then(|()| {
        let id = program.info()?.id();
        let link = program.attach()?;
        Ok(Held { id, _link: Link::End(program.take_link(link)?) })
    });
    let _ = program.unload();
    hung.map_err(|error| reason(&error))
}

/// The functions of calls that the kernel describes: their names stand among those of its types, each with a zero behind.
fn functions(types: &[u8]) -> BTreeSet<String> {
    let names = types.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
    let is_ours =
        |name: &&str| PREFIXES.iter().chain(&PLAIN).any(|prefix| name.starts_with(prefix));
    names.filter(is_ours).map(str::to_owned).collect()
}
