/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* All programs, as one object. */
#include "askers.bpf.c"
#include "calls.bpf.c"
#include "canary.bpf.c"
#include "payload.bpf.c"
#include "process.bpf.c"
#include "rings.bpf.c"
#include "signal.bpf.c"
#include "snapshot.bpf.c"
#include "steps.bpf.c"
#ifndef PREEMPTIBLE
#include "functions.bpf.c"
#endif

/* The helpers that read memory ask for a licence that goes with the kernel's: docs/adr/0028-licence-of-the-programs.md. */
char terms[] SEC("license") = "Dual MIT/GPL";
