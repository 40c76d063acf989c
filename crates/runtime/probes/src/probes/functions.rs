//! Programs on the kernel's functions that do system calls, where nothing is paid for calls that nobody wants.
//!
//! A call `openat` is done by `__x64_sys_openat`, for 32-bit programs by `__ia32_sys_openat` or
//! `__ia32_compat_sys_openat`; one without arguments, for both, by `__do_sys_getuid` (`arch/x86/include/asm/syscall_wrapper.h`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use aya::maps::{MapData, ProgramArray};
use aya::programs::Program;
use aya::programs::links::FdLink;
use aya::{Btf, Ebpf, Endianness};

use super::load::{patiently, reason, set_step};
use super::{JUDGE, STEPS, chain};
use crate::calls::SystemCall;
use crate::obstacle::Places;

/// What stands before the name of a call's function.
const PREFIXES: [&str; 3] = ["__x64_sys_", "__ia32_sys_", "__ia32_compat_sys_"];

/// What stands before that of a call without arguments.
const PLAIN: [&str; 2] = ["__do_sys_", "__do_compat_sys_"];

/// A function of the type that most calls have, with a parameter `regs`.
const MODEL: &str = "__x64_sys_getpgid";

/// For the programs of each type, which have names that begin so: a function of that type, and their table of steps. The second
/// is that of calls without arguments, whose functions have a parameter `__unused`.
const TYPES: [(&str, &str, &str); 2] =
    [("hook_", MODEL, "hook_steps"), ("weak_", "__do_sys_getppid", "weak_steps")];

/// The function that refuses calls for seccomp(2).
const REFUSES: &str = "__secure_computing";

/// The function that new threads begin with.
const BEGINS: &str = "schedule_tail";

/// Programs on functions at most. Each takes a descriptor, of which most systems let a process have 1024, and a while to hang:
/// whoever wants most calls is told of them all.
const MOST: usize = 512;

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
    names: Names,
    /// Of the types that are in use, by how their programs' names begin. The kernel empties a table when nobody holds it any more.
    steps: BTreeMap<&'static str, ProgramArray<MapData>>,
    held: BTreeMap<Place, Held>,
    wanted: BTreeSet<Place>,
}

/// A call whose functions programs hang on.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) call: &'a SystemCall,
    /// Whether it is copied at entry.
    pub(super) is_copied: bool,
    /// Whether it is told of those alone who ask name servers.
    pub(super) askers_only: bool,
}

/// A program on a function.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Place {
    function: String,
    hook: Hook,
}

impl Place {
    fn name(&self) -> String {
        match self.hook {
            Hook::Begin => format!("{} begins", self.function),
            Hook::End | Hook::Asker | Hook::Refusal | Hook::Child => self.function.clone(),
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Hook {
    /// Of a call that begins, of which copies are taken.
    Begin,
    /// Of a call that ends.
    End,
    /// Of one that ends, of those alone who ask name servers.
    Asker,
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
            Hook::Asker => &["hook_asks", "weak_asks"],
            Hook::Refusal => &["call_refused"],
            Hook::Child => &["child_begins"],
        }
    }
}

/// While it is held, the program hangs there.
struct Held {
    /// The kernel's number for the program.
    id: u32,
    _link: FdLink,
}

/// Loads a program once more, for a function, and keeps its link alone.
macro_rules! hang {
    ($program:expr, $function:expr, $btf:expr) => {{
        let hung = patiently(|| $program.load($function, $btf)).and_then(|()| {
            let id = $program.info()?.id();
            let link = $program.attach()?;
            Ok(Held { id, _link: $program.take_link(link)?.into() })
        });
        let _ = $program.unload();
        hung.map_err(|error| reason(&error))
    }};
}

impl Functions {
    /// Tries a function. The error says what is in the way.
    pub(super) fn load(kernel: &mut Ebpf, places: &Places) -> Result<Self, String> {
        let bytes = fs_err::read(&places.types).map_err(|error| error.to_string())?;
        let symbols = fs_err::read_to_string(&places.symbols).map_err(|error| error.to_string())?;
        let names = Names::read(&bytes, &symbols);
        let btf = Btf::parse(&bytes, Endianness::default()).map_err(|error| chain(&error))?;
        let (types, steps) = (places.types.clone(), BTreeMap::new());
        let (held, wanted) = (BTreeMap::new(), BTreeSet::new());
        let mut functions = Self { types, names, steps, held, wanted };
        functions.hang(kernel, &btf, Place { function: MODEL.to_owned(), hook: Hook::End })?;
        Ok(functions)
    }

    /// Hangs programs on the functions of these calls, where none is yet. Those that are not wanted any more stay until
    /// [`Functions::leave`]. After an error, which says what is in the way, hangs what did before.
    pub(super) fn follow<'a>(
        &mut self,
        kernel: &mut Ebpf,
        calls: impl Iterator<Item = Told<'a>>,
    ) -> Result<(), String> {
        self.wanted.clear();
        for told in calls {
            self.add_places(told)?;
        }
        if self.wanted.len() > MOST {
            return Err(format!("{} are wanted, more than {MOST}", self.wanted.len()));
        }
        let is_there = |place: &&Place| self.held.contains_key(place);
        let lacking: Vec<Place> =
            self.wanted.iter().filter(|place| !is_there(place)).cloned().collect();
        if lacking.is_empty() {
            return Ok(());
        }
        let btf = self.kernel_types()?;
        let hung = lacking.iter().try_for_each(|place| self.hang(kernel, &btf, place.clone()));
        if hung.is_err() {
            self.held.retain(|place, _| !lacking.contains(place));
        }
        hung
    }

    /// Takes away what hangs elsewhere.
    pub(super) fn leave(&mut self) {
        self.held.retain(|place, _| self.wanted.contains(place));
    }

    /// The types of the kernel.
    pub(super) fn kernel_types(&self) -> Result<Btf, String> {
        Btf::parse_file(&self.types, Endianness::default()).map_err(|error| chain(&error))
    }

    /// The kernel's numbers of programs, and what each is called: the function that it hangs on, and where at its begin.
    pub(super) fn programs(&self) -> impl Iterator<Item = (u32, String)> {
        self.held.iter().map(|(place, held)| (held.id, place.name()))
    }

    fn add_places(&mut self, told: Told<'_>) -> Result<(), String> {
        let Told { call, is_copied, askers_only } = told;
        let mut add = |function: String, hook| self.wanted.insert(Place { function, hook });
        add(REFUSES.to_owned(), Hook::Refusal);
        if TWICE.contains(&call.name.as_str()) {
            add(BEGINS.to_owned(), Hook::Child);
        }
        if NEVER.contains(&call.name.as_str()) {
            return Ok(());
        }
        for function in self.names.of(call)? {
            if is_copied {
                add(function.clone(), Hook::Begin);
            }
            add(function, if askers_only { Hook::Asker } else { Hook::End });
        }
        Ok(())
    }

    /// Loads the steps that a program goes on to, unless they are there: the verifier takes seconds for those of all types.
    fn load_steps_of(&mut self, kernel: &mut Ebpf, btf: &Btf, program: &str) -> Result<(), String> {
        let is_its = |(prefix, ..): &&(&str, &str, &str)| program.starts_with(prefix);
        let Some((prefix, model, table)) = TYPES.iter().find(is_its) else { return Ok(()) };
        if self.steps.contains_key(prefix) {
            return Ok(());
        }
        let map = kernel.take_map(table).ok_or("the compiled probes have no such steps")?;
        let mut steps = ProgramArray::try_from(map).map_err(|error| chain(&error))?;
        for (number, name) in STEPS.iter().chain([&JUDGE, &CALL]) {
            let name = name.replacen("step_", prefix, 1);
            // Some are no part of any call's plan.
            let Some(Program::FExit(program)) = kernel.program_mut(&name) else { continue };
            let loaded = patiently(|| program.load(model, btf));
            loaded.map_err(|error| format!("{name}: {}", reason(&error)))?;
            set_step(kernel, &mut steps, *number, &name)?;
        }
        self.steps.insert(prefix, steps);
        Ok(())
    }

    fn hang(&mut self, kernel: &mut Ebpf, btf: &Btf, place: Place) -> Result<(), String> {
        let mut refused = String::new();
        for name in place.hook.programs() {
            self.load_steps_of(kernel, btf, name)?;
            let hung = match kernel.program_mut(name) {
                Some(Program::FEntry(program)) => hang!(program, &place.function, btf),
                Some(Program::FExit(program)) => hang!(program, &place.function, btf),
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

/// Names of functions that do calls, those that the kernel describes and all that it has.
struct Names {
    described: BTreeSet<String>,
    all: BTreeSet<String>,
}

impl Names {
    /// `types`: the kernel's description of its types, in which each name has a zero behind. `symbols`: `/proc/kallsyms`,
    /// lines of address, kind and name.
    fn read(types: &[u8], symbols: &str) -> Self {
        let described = types.split(|byte| *byte == 0).filter_map(|name| str::from_utf8(name).ok());
        let all = symbols.lines().filter_map(|line| line.split_whitespace().nth(2));
        Self { described: of_calls(described), all: of_calls(all) }
    }

    /// The functions that do a call; none where the kernel was built without it. The error names one that is not
    /// described, on which no program can hang.
    fn of(&self, call: &SystemCall) -> Result<Vec<String>, String> {
        let named = |prefixes: &'static [&str]| {
            let all = prefixes
                .iter()
                .flat_map(|prefix| call.functions().map(move |name| format!("{prefix}{name}")));
            all.partition::<Vec<_>, _>(|function| self.described.contains(function))
        };
        let ((mut functions, others), (plain, _)) = (named(&PREFIXES), named(&PLAIN));
        // Those of a call without arguments are other names of one function.
        if plain.is_empty()
            && let Some(lacking) = others.into_iter().find(|other| self.all.contains(other))
        {
            return Err(format!("{lacking} is not described"));
        }
        if functions.is_empty() {
            functions = plain;
        }
        Ok(functions)
    }
}

fn of_calls<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let is_ours =
        |name: &&str| PREFIXES.iter().chain(&PLAIN).any(|prefix| name.starts_with(prefix));
    names.filter(is_ours).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::SystemCalls;

    #[test]
    fn functions_are_those_of_both_tables_or_one_without_arguments() {
        let calls = SystemCalls::embedded().unwrap();
        let types = b"int\0__x64_sys_openat\0__ia32_sys_openat\0__ia32_compat_sys_openat\0__do_sys_getuid\0__x64_sys_newstat\0";
        let symbols = "ffffffff81000000 T __x64_sys_openat\n0 T __x64_sys_getuid\n0 T __x64_sys_newstat\n\
                       0 T __ia32_sys_newstat\n0 T __x64_sys_statx\n";
        let names = Names::read(types, symbols);
        let of = |name: &str| names.of(calls.named(name).unwrap());
        let expected = ["__x64_sys_openat", "__ia32_sys_openat", "__ia32_compat_sys_openat"];
        assert_eq!(of("openat").unwrap(), expected);
        assert_eq!(of("getuid").unwrap(), ["__do_sys_getuid"]);
        assert_eq!(of("mount").unwrap(), Vec::<String>::new());
        for (call, lacking) in [("stat", "__ia32_sys_newstat"), ("statx", "__x64_sys_statx")] {
            assert_eq!(of(call).unwrap_err(), format!("{lacking} is not described"));
        }
    }

    /// What the table says of functions, this machine's kernel has.
    #[test]
    fn this_kernel_describes_the_function_of_each_call() {
        let places = Places::default();
        let (Ok(types), Ok(symbols)) =
            (fs_err::read(&places.types), fs_err::read_to_string(&places.symbols))
        else {
            bulkhead_testing::skip("the kernel tells nothing of its types or symbols");
            return;
        };
        let names = Names::read(&types, &symbols);
        let calls = SystemCalls::embedded().unwrap();
        let mut found = 0;
        for call in calls.iter() {
            match names.of(call) {
                Ok(functions) => found += usize::from(!functions.is_empty()),
                Err(why) => panic!("{}: {why}", call.name),
            }
        }
        assert!(found > 300, "{found} calls have functions");
    }
}
