/* All programs, as one object. */
#include "calls.bpf.c"
#include "payload.bpf.c"
#include "process.bpf.c"
#include "rings.bpf.c"
#include "snapshot.bpf.c"
#include "steps.bpf.c"

/* The helpers that read memory ask for a licence that goes with the kernel's; these files may be taken under either. */
char terms[] SEC("license") = "Dual MIT/GPL";
