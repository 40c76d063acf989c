use bulkhead_versions::{RangeError, Scheme};

/// Ranges in a scheme's notation with their canonical text.
fn check(scheme: Scheme, ranges: &[(&str, &str)]) {
    for (range, expected) in ranges {
        let set = scheme.parse_range(range).expect(range);
        assert_eq!(&set.to_string(), expected, "{}: {range}", scheme.name());
    }
}

#[test]
fn npm_ranges() {
    check(
        Scheme::Npm,
        &[
            ("<6.0.3", "(,6.0.3)"),
            ("< 1.6.6 || >=2.0.0 <=2.2.4", "(,1.6.6) [2.0.0,2.2.4]"),
            ("0.5.1", "=0.5.1"),
            ("=4.2.1||=4.3.0", "=4.2.1 =4.3.0"),
            ("^1.2.3", "[1.2.3,2.0.0-0)"),
            ("^0.2", "[0.2.0-0,0.3.0-0)"),
            ("^0.0.3", "[0.0.3,0.0.4-0)"),
            ("^0.0", "[0.0.0-0,0.1.0-0)"),
            ("~1.2.3-beta", "[1.2.3-beta,1.3.0-0)"),
            ("~1", "[1.0.0-0,2.0.0-0)"),
            ("1.x", "[1.0.0-0,2.0.0-0)"),
            ("~>1.2.3", "[1.2.3,1.3.0-0)"),
            ("1.2.*", "[1.2.0-0,1.3.0-0)"),
            ("1.2", "[1.2.0-0,1.3.0-0)"),
            (">1.2", "[1.3.0-0,)"),
            ("<=9", "(,10.0.0-0)"),
            ("1.2.3 - 2.3", "[1.2.3,2.4.0-0)"),
            ("1.2.3 - 2.3.4", "[1.2.3,2.3.4]"),
            ("*", "(,)"),
            ("!=1.2.3", "(,1.2.3) (1.2.3,)"),
            (">=1.0.0 <2.0.0 !=1.5.0", "[1.0.0,1.5.0) (1.5.0,2.0.0)"),
        ],
    );
}

#[test]
fn python_ranges() {
    check(
        Scheme::Pep440,
        &[
            (">=3.3.2,<3.3.6||>=4.0,<4.0.6", "[3.3.2,3.3.6) [4.0,4.0.6)"),
            (">=7.0,<7.2|>=10.0, <10.3", "[7.0,7.2) [10.0,10.3)"),
            ("<2.0 ||\u{a0}==2.1", "(,2.0) =2.1"),
            ("==1.*", "[1.dev0,2.dev0)"),
            ("!=1.9.*", "(,1.9.dev0) [1.10.dev0,)"),
            ("~=1.4.2", "[1.4.2,1.5.dev0)"),
            ("===1.0+x", "=1.0+x"),
            ("==1!2.*", "[1!2.dev0,1!3.dev0)"),
            ("(,0)", "(,0)"),
        ],
    );
}

#[test]
fn ranges_in_brackets() {
    check(
        Scheme::Maven,
        &[
            ("(,2.4.4)", "(,2.4.4)"),
            ("[3.8,3.11.1]", "[3.8,3.11.1]"),
            ("[0.7.0]", "=0.7.0"),
            ("(, 2.5.14.1)", "(,2.5.14.1)"),
            ("[,1.0)", "(,1.0)"),
            ("[1.0,2.0),(,0.5],[3.0]", "[1.0,2.0) (,0.5] =3.0"),
            ("[1,2),>=3 <4", "[1,2) [3,4)"),
            ("[3,2],[4,5]", "[4,5]"),
        ],
    );
    check(Scheme::NuGet, &[("(,1.4.4)[2.0.0]", "(,1.4.4) =2.0.0"), ("(,)", "(,)")]);
}

#[test]
fn ranges_of_other_ecosystems() {
    check(Scheme::Gem, &[("~> 1.2", "[1.2,2.A)"), ("~>1.2.3", "[1.2.3,1.3.A)"), (">=0", "[0,)")]);
    check(
        Scheme::Packagist,
        &[
            (">=1.3.0,<1.3.18||=2.0", "[1.3.0,1.3.18) =2.0"),
            ("^1.2", "[1.2,2-dev)"),
            ("~1.2.3", "[1.2.3,1.3-dev)"),
            ("1.2.*|1.0 - 1.1", "[1.2-dev,1.3-dev) [1.0,1.1]"),
        ],
    );
    check(
        Scheme::Go,
        &[("<v0.0.0-20211227072318-bb97eafa8254", "(,v0.0.0-20211227072318-bb97eafa8254)")],
    );
    check(Scheme::Hackage, &[(">=1.2 && <1.3", "[1.2,1.3)"), ("^>=1.2.3", "[1.2.3,1.3)")]);
    check(Scheme::Dpkg, &[(">= 1:1.0~rc1-1, << 2:0", "[1:1.0~rc1-1,2:0)")]);
    check(Scheme::Pub, &[("^1.2.3", "[1.2.3,2.0.0-0)")]);
}

#[test]
fn numbers_carry_over() {
    check(
        Scheme::Npm,
        &[
            ("~1.9.0", "[1.9.0,1.10.0-0)"),
            ("99999999999999999999.x", "[99999999999999999999.0.0-0,100000000000000000000.0.0-0)"),
        ],
    );
}

#[test]
fn senseless_ranges_are_refused() {
    let check = |scheme: Scheme, range: &str, expected: RangeError| {
        assert_eq!(scheme.parse_range(range), Err(expected), "{range}");
    };
    check(Scheme::Npm, "", RangeError::Missing { at: 0 });
    check(Scheme::Npm, ">=1.0.0 || ", RangeError::Missing { at: 11 });
    check(Scheme::Npm, "<2.0.0 >=", RangeError::NoVersion { operator: ">=".to_owned(), at: 7 });
    check(Scheme::Npm, "<>1.0.0", RangeError::UnknownOperator { operator: "<>".to_owned(), at: 0 });
    check(Scheme::Maven, "[1.0,2.0", RangeError::Bracket { at: 0 });
    check(Scheme::Maven, "[1.0],(.2]", RangeError::Bracket { at: 6 });
    check(Scheme::Maven, "[1,2,3]", RangeError::Bracket { at: 0 });
    check(Scheme::Maven, "]", RangeError::Bracket { at: 0 });
    check(Scheme::Pep440, "==1.0,==1.1", RangeError::Contradiction);
    check(Scheme::NuGet, "[1.7.5,1.7.5)", RangeError::Contradiction);
    let (operator, version) = ("~=".to_owned(), "1".to_owned());
    check(Scheme::Pep440, "~=1", RangeError::NotNumeric { operator, version, at: 0 });
    check(Scheme::Npm, &"!=1 ".repeat(65), RangeError::TooLarge { limit: 64, unit: "comparisons" });
    check(
        Scheme::Npm,
        &" ".repeat(20_000),
        RangeError::TooLarge { limit: 16 << 10, unit: "bytes" },
    );
}
