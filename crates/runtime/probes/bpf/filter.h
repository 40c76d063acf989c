/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What a filter asks: src/filter.rs is the same in Rust, and src/filter/model.rs decides by it as the programs do.
 *
 * A fact is a bit that is so, is not so, or is not known yet. A call is wanted where one clause of its filter can
 * still be met, so that whatever is not known keeps it. */
#pragma once

#include "types.h"

enum fact {
	FACT_SUCCEEDED = 0,   /* the result is no error */
	FACT_IN_PROGRESS = 1, /* the result is EINPROGRESS */
	FACT_HOST = 2,        /* at the root of its cgroups, so in no container. Otherwise not known */
	FACT_READS = 3,       /* opened for reading, as the next two by the flags that it was given */
	FACT_WRITES = 4,
	FACT_EXECUTABLE = 5, /* may make a file that may be executed */
	FACT_FILE = 6,       /* the object is a file or device; of what could not be opened it would be */
	FACT_DIRECTORY = 7,
	FACT_IPV4 = 8,
	FACT_IPV6 = 9,
	FACT_UNIX = 10,
	FACT_OTHER = 11, /* it is something else */
	FACT_TCP = 12,
	FACT_SWAPPED = 13, /* its text is not what it was at entry */
	FACT_STANDARD = 14, /* the result is 0, 1 or 2: a standard file */
	FACT_NAME_SERVICE = 15, /* of a socket of IP: one of its ends is the port of name servers */
	FACT_NAMES = 16,   /* this and all above: what the vocabulary says */
};
#define FACT(which) (1ULL << (which))
#define FACTS_OF_TYPE                                                                                   \
	(FACT(FACT_FILE) | FACT(FACT_DIRECTORY) | FACT(FACT_IPV4) | FACT(FACT_IPV6) | FACT(FACT_UNIX) | \
	 FACT(FACT_OTHER))
#define FACTS_OF_OBJECT (FACTS_OF_TYPE | FACT(FACT_TCP) | FACT(FACT_NAME_SERVICE))

/* What is so, and what is known to be so or not: a bit for each enum fact. */
struct facts {
	u64 so;
	u64 known;
};

#define GENERATIONS 2
#define FILTERS 128
#define CLAUSES 32
#define NAMES 2048
#define FOLDERS (16 * NAMES) /* that names lie in */
#define PARTS 64
#define SCANS 8
#define BLOOM 4 /* words of a set of pairs of bytes */
#define BLOOM_SHIFT 56 /* what is left of a hash is a place among their bits */
#define SPREAD 0x9e3779b97f4a7c15ULL /* of the golden ratio: neighbours come to lie far from each other */

/* What is needed to judge. */
enum stage {
	STAGE_HOST = 1,
	STAGE_OBJECT = 2,
	STAGE_NAME = 4,
	STAGE_PARTS = 8,
	STAGE_GIVEN = 16, /* the path as it was given */
	STAGE_SWAPPED = 32,
};
#define STAGES_OF_NAMES (STAGE_NAME | STAGE_PARTS)

struct clause {
	u64 must;
	u64 must_not;
};

/* Of a call, and where it has what is asked for: arguments from 0, 6 is the result, 7 nothing. */
struct filter {
	u8 count; /* of the clauses */
	u8 stages;
	u8 flags; /* of open(2); the mode follows. 6: those of creat(2), whose mode is the second argument */
	u8 object;
	u8 text;
	u8 opens; /* a path: what it could not open would be a file */
	u8 unused[2];
	struct clause clauses[CLAUSES];
};

/* A text that a name has somewhere inside: the name has its pairs of bytes, too, and perhaps by chance. */
struct part {
	u64 fact;
	u64 bigrams[BLOOM];
};

/* Bytes of the names of a domain: of a path the first eight, of a folder or a last name the last ones. Most names that
 * are not asked for have others, and are not looked up, which costs as much as all else. */
struct edges {
	u64 mask; /* of the bytes that count */
	u64 bloom[BLOOM];
};

/* A pair of bytes, each of them eight times. */
struct pair {
	u64 first;
	u64 second;
};

struct vocabulary {
	u64 by_name; /* facts that the table of names tells */
	u64 by_part;
	u64 by_given;
	u32 count; /* of the parts */
	u32 count_given; /* of those, the first ones: asked of the path as it was given */
	u64 version; /* no other vocabulary has it */
	struct edges edges[3]; /* by domain */
	u64 scanned; /* how many of what is asked for of the path as it was given are first scanned for: all or none */
	struct pair scans[SCANS]; /* the pair that few texts have of each */
	u64 pairless; /* the parts, as bits, that have no pair of bytes */
	u64 by_pair[64 * BLOOM]; /* those of which this is the place of a pair that few texts have: each stands at one */
	struct part parts[PARTS];
};

/* Domains of the table of names, by the first byte; the lowest bit is the generation. Whole names end with a zero. */
enum domain { DOMAIN_NAME = 2, DOMAIN_FOLDER = 4, DOMAIN_LAST = 6, DOMAIN_BELOW = 8 /* folders that names lie in */ };

_Static_assert(sizeof(struct filter) == 8 + 16 * CLAUSES, "filter");
_Static_assert(sizeof(struct vocabulary) == 176 + 16 * SCANS + 8 * 64 * BLOOM + 40 * PARTS, "vocabulary");
