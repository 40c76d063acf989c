//! Projects of Maven and Gradle: what their files say together, and what is left open.

use bulkhead_model::{Problem, ProblemKind};

use crate::Mode;
use crate::fixture::{Summary, Tree, summary};
use crate::java::{gradle, pom};

fn pom(inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<!-- x -->\n\
         <project xmlns=\"http://maven.apache.org/POM/4.0.0\">{inner}</project>"
    )
}

fn dependency(group: &str, artifact: &str, rest: &str) -> String {
    format!(
        "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>{rest}</dependency>"
    )
}

fn assembled(tree: &Tree) -> (Summary, Vec<Problem>) {
    let (inventory, mut problems) = tree.assemble(Mode::Project);
    problems.retain(|problem| !problem.message.starts_with("what dependencies themselves need"));
    (summary(&inventory), problems)
}

fn parent() -> String {
    let managed = [
        dependency("g", "managed", "<version>${managed.version}</version>"),
        dependency("g", "tested", "<version>3</version><scope>test</scope>"),
        dependency("g", "bom", "<version>1</version><type>pom</type><scope>import</scope>"),
        dependency("far", "bom", "<version>9</version><type>pom</type><scope>import</scope>"),
    ];
    pom(&format!(
        "<groupId>org.x</groupId><artifactId>parent</artifactId><version>${{revision}}</version>
         <licenses><license><name>MIT</name></license></licenses>
         <properties><revision>1.2</revision><managed.version>2.0</managed.version></properties>
         <dependencyManagement><dependencies>{}</dependencies></dependencyManagement>
         <dependencies>{}</dependencies>
         <build><plugins><plugin><dependencies>{}</dependencies></plugin></plugins></build>",
        managed.concat(),
        dependency("g", "inherited", "<version>4&#46;0</version>"),
        dependency("g", "of-plugin", "<version>1</version>"),
    ))
}

fn child(dependencies: &[String]) -> String {
    pom(&format!(
        "<parent><groupId>org.x</groupId><artifactId>parent</artifactId><version>${{revision}}</version></parent>
         <artifactId>child</artifactId><properties><managed.version>2.1</managed.version></properties>
         <dependencies>{}</dependencies>",
        dependencies.concat()
    ))
}

#[test]
fn versions_come_from_everywhere_in_the_tree() {
    let bill = pom(&format!(
        "<groupId>g</groupId><artifactId>bom</artifactId><version>1</version>
         <properties><v>5</v></properties>
         <dependencyManagement><dependencies>{}</dependencies></dependencyManagement>",
        dependency("g", "billed", "<version>${v}</version>")
    ));
    let asked = [
        dependency("g", "managed", ""),
        dependency("g", "tested", ""),
        dependency("g", "billed", "<optional>true</optional>"),
        dependency(
            "${project.groupId}",
            "parent",
            "<version>${project.version}</version><type>pom</type>",
        ),
        dependency("g", "exact", "<version>[1.5]</version><scope>provided</scope>"),
    ];
    let tree = Tree::default()
        .file("app/pom.xml", parent())
        .file("app/child/pom.xml", child(&asked))
        .file("app/bom/pom.xml", bill);
    let (shown, problems) = assembled(&tree);
    assert_eq!(problems, []);
    assert_eq!(
        shown.packages,
        [
            "maven g:billed@5",
            "maven g:bom@1",
            "maven g:exact@1.5",
            "maven g:inherited@4.0",
            "maven g:inherited@4.0",
            "maven g:managed@2.1",
            "maven g:tested@3",
            "maven org.x:child@1.2",
            "maven org.x:parent@1.2"
        ]
    );
    assert!(shown.relations.contains(&"org.x:child@1.2 depends_on org.x:parent@1.2".to_owned()));
    assert!(shown.relations.contains(&"org.x:child@1.2 depends_on g:inherited@4.0".to_owned()));
    let (inventory, _) = tree.assemble(Mode::Project);
    let property = |name: &str, key: &str| {
        let package = inventory.packages.iter().find(|package| package.name == name).unwrap();
        package.properties.get(key).map(String::as_str)
    };
    assert_eq!(property("g:tested", "java:development"), Some("true"));
    assert_eq!(property("g:tested", "java:scope"), Some("test"));
    assert_eq!(property("g:exact", "java:scope"), Some("provided"));
    assert_eq!(property("g:billed", "java:optional"), Some("true"));
    assert_eq!(inventory.packages[2].purl, "pkg:maven/g/exact@1.5");
    let (inventory, problems) = tree.assemble(Mode::Installed);
    assert_eq!((inventory.packages.len(), problems.len()), (0, 0));
}

#[test]
fn what_only_a_repository_knows_is_left_open() {
    for (asked, reason) in [
        (dependency("g", "a", ""), "(g:bom:1 is not in the target)"),
        (dependency("g", "a", "<version>[1,2)</version>"), "given for g:a"),
        (dependency("g", "a", "<version>LATEST</version>"), "given for g:a"),
        (dependency("g", "a", "<version>${unset}</version>"), "given for g:a"),
        (dependency("g", "managed", "<version>${unset}</version>"), "given for g:managed"),
    ] {
        let tree = Tree::default()
            .file("app/pom.xml", parent())
            .file("app/child/pom.xml", child(std::slice::from_ref(&asked)));
        let (shown, problems) = assembled(&tree);
        assert_eq!(problems.len(), 1, "{asked}");
        assert_eq!(problems[0].kind, ProblemKind::Unresolved);
        assert!(problems[0].message.contains(reason), "{}", problems[0].message);
        let named = shown.packages.iter().find(|package| {
            package.starts_with("maven g:a") || package.starts_with("maven g:managed")
        });
        assert!(named.unwrap().ends_with('@'), "{named:?}");
    }
}

#[test]
fn loops_and_bombs_end() {
    let coordinates = |artifact: &str| {
        format!("<groupId>g</groupId><artifactId>{artifact}</artifactId><version>1</version>")
    };
    let looped = |own: &str, parent: &str, path: &str| {
        pom(&format!(
            "<parent>{}<relativePath>{path}</relativePath></parent><artifactId>{own}</artifactId>",
            coordinates(parent)
        ))
    };
    let bomb: Vec<String> = (1..40)
        .map(|number| {
            let below = number - 1;
            format!("<v{number}>${{v{below}}}${{v{below}}}</v{number}>")
        })
        .collect();
    let bomb = format!("<v0>${{v0}}</v0>{}", bomb.concat());
    let tree = Tree::default()
        .file("a/pom.xml", looped("a", "b", "../b"))
        .file("b/pom.xml", looped("b", "a", "../a/pom.xml"))
        .file(
            "c/pom.xml",
            pom(&format!(
                "{}<properties>{bomb}</properties><dependencies>{}</dependencies>",
                coordinates("c"),
                dependency("g", "d", "<version>${v39}</version>")
            )),
        );
    let (shown, problems) = assembled(&tree);
    assert_eq!(shown.packages, ["maven g:a@1", "maven g:b@1", "maven g:c@1", "maven g:d@"]);
    assert_eq!(problems.len(), 1);
    let deep = format!("<project>{}", "<a>".repeat(100_000));
    for text in ["<this is no project>", "<project><artifactId>a</artifactId>", &deep, "", "<a/>"] {
        assert_eq!(pom::parse(text.as_bytes()).faults.len(), 1, "{}", text.len());
    }
}

#[test]
fn archives_that_were_built_are_the_project() {
    let tree = Tree::default()
        .file("app/pom.xml", parent())
        .file("app/target/classes/META-INF/maven/org.x/parent/pom.xml", "<broken")
        .file(
            "app/lib/x.jar",
            crate::fixture::zip(&[(
                "META-INF/maven/g/inherited/pom.properties",
                b"groupId=g\nartifactId=inherited\nversion=4.0\n",
            )]),
        );
    let (shown, problems) = assembled(&tree);
    assert_eq!(problems, []);
    assert_eq!(shown.packages, ["maven g:inherited@4.0", "maven org.x:parent@1.2"]);
    assert_eq!(shown.relations, ["org.x:parent@1.2 depends_on g:inherited@4.0"]);
    let inventory = tree.assemble(Mode::Project).0;
    let places: Vec<String> =
        inventory.packages[0].locations.iter().map(ToString::to_string).collect();
    assert_eq!(places, ["app/lib/x.jar", "app/pom.xml"]);
}

#[test]
fn gradle_locks_by_configuration() {
    let check = |path: &str, text: &str, expected: &[(&str, bool)], faults: usize| {
        let kind = gradle::Kind::of(&path.into()).unwrap();
        let read = gradle::parse(text.as_bytes(), kind);
        assert_eq!(read.faults.len(), faults, "{text}");
        let lock = read.value.unwrap_or_default();
        let shown: Vec<(String, bool)> = lock
            .packages
            .iter()
            .map(|p| (format!("{}:{}", p.name, p.version), p.development))
            .collect();
        let expected: Vec<(String, bool)> =
            expected.iter().map(|(name, mark)| ((*name).to_owned(), *mark)).collect();
        assert_eq!(shown, expected, "{text}");
    };
    check(
        "gradle.lockfile",
        "# x\ng:a:1=compileClasspath,testCompileClasspath\ng:b:2=testRuntimeClasspath\nempty=annotationProcessor\n",
        &[("g:a:1", false), ("g:b:2", true)],
        0,
    );
    check("x/buildscript-gradle.lockfile", "g:a:1=classpath\nempty=\n", &[("g:a:1", true)], 0);
    check(
        "gradle/dependency-locks/testCompileClasspath.lockfile",
        "g:a:1\n",
        &[("g:a:1", true)],
        0,
    );
    check("gradle/dependency-locks/runtimeClasspath.lockfile", "g:a:1\n", &[("g:a:1", false)], 0);
    check("gradle.lockfile", "prose\n", &[], 1);
    check("gradle.lockfile", "empty=\n", &[], 0);
    assert_eq!(gradle::Kind::of(&"other.lockfile".into()), None);
}

#[test]
fn unpacked_applications_own_their_libraries() {
    let properties = |artifact: &str| format!("groupId=g\nartifactId={artifact}\nversion=1\n");
    let library = crate::fixture::zip(&[(
        "META-INF/maven/g/lib/pom.properties",
        properties("lib").as_bytes(),
    )]);
    let tree = Tree::default()
        .file("srv/shop/META-INF/maven/g/shop/pom.properties", properties("shop"))
        .file("srv/shop/META-INF/maven/g/shop/pom.xml", "<broken")
        .file("srv/shop/WEB-INF/lib/lib-1.jar", library);
    let shown = summary(&tree.installed());
    assert_eq!(shown.packages, ["maven g:lib@1", "maven g:shop@1"]);
    assert_eq!(shown.relations, ["g:lib@1 contained_in g:shop@1"]);
}
