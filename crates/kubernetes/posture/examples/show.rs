//! x
use bulkhead_posture::*;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let mut o = bulkhead_objects::Objects::new();
    o.add(
        "x",
        &std::fs::read(path).unwrap(),
        &bulkhead_limits::Budget::new(bulkhead_limits::Limits::DEFAULT),
    );
    println!("{:?}", o.problems);
    for x in &o.objects {
        println!("{x} {:?}", x.mistakes);
    }
    let s = Settings::default();
    let c = Cluster::new(&o.objects, &s);
    c.judge_all(&o.objects, |j| {
        if j.verdict == Verdict::Fail {
            for r in j.remarks {
                println!("{} {} {} {}", j.object.unwrap(), j.control.id, r.place.path(), r.reason)
            }
        }
    });
}
