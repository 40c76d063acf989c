//! Content of ecosystems whose registries need not be reached: packages made here, which the real
//! clients install and lock.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use serde_json::json;

use crate::{run, run_in};

/// A package of a made-up registry: name, version, and the names that it needs.
pub type Made = (&'static str, &'static str, &'static [&'static str]);

/// Builds gems, has RubyGems install them into `home`, and Bundler lock them in `app`: the last of
/// them for tests alone.
///
/// # Errors
/// Those of RubyGems and Bundler.
pub fn gems(folder: &Path, gems: &[Made]) -> anyhow::Result<()> {
    let home = folder.join("home");
    for (name, version, needs) in gems {
        let source = tempfile::tempdir()?;
        let needs = needs.iter().map(|need| format!("s.add_dependency '{need}', '>= 0.1'\n"));
        let code = format!(
            "Gem::Specification.new do |s|\ns.name = '{name}'\ns.version = '{version}'\n\
             s.summary = 'made for a test'\ns.authors = ['nobody']\ns.license = 'MIT'\n\
             s.add_development_dependency 'rake'\n{}end\n",
            needs.collect::<String>()
        );
        fs_err::write(source.path().join("made.gemspec"), code)?;
        run_in(source.path(), "gem", &["build", "--quiet", "--output=made.gem", "made.gemspec"])?;
        run(Command::new("gem")
            .args(["install", "--local", "--force", "--no-document", "--install-dir"])
            .args([home.as_path(), &source.path().join("made.gem")]))?;
    }
    let app = folder.join("app");
    fs_err::create_dir_all(&app)?;
    let wants = |gems: &[Made]| -> String {
        let lines: Vec<String> = gems.iter().map(|(name, ..)| format!("gem '{name}'\n")).collect();
        lines.concat()
    };
    let (last, others) = gems.split_last().context("at least one gem")?;
    let tests = format!("group :test do\n{}end\n", wants(&[*last]));
    let gemfile = format!("source 'https://rubygems.org'\n{}{tests}", wants(others));
    fs_err::write(app.join("Gemfile"), gemfile)?;
    let mut lock = Command::new("bundle");
    lock.args(["lock", "--local"]).current_dir(&app).env("HOME", folder);
    run(lock.env("GEM_HOME", &home).env("GEM_PATH", &home)).map(drop)
}

/// Packs packages of PHP and has Composer install and lock them: the last of them for development
/// alone.
///
/// # Errors
/// Those of tar and Composer.
pub fn composer(folder: &Path, packages: &[Made]) -> anyhow::Result<()> {
    let archives = tempfile::tempdir()?;
    let mut repositories = vec![json!({ "packagist.org": false })];
    for (name, version, needs) in packages {
        let source = tempfile::tempdir_in(archives.path())?;
        fs_err::write(source.path().join("composer.json"), json!({ "name": name }).to_string())?;
        let archive = source.path().with_extension("tar");
        run(Command::new("tar")
            .arg("-cf")
            .arg(&archive)
            .arg("-C")
            .arg(source.path())
            // PHP cannot unpack the folder itself.
            .arg("composer.json"))?;
        let needs: serde_json::Map<_, _> =
            needs.iter().map(|need| ((*need).to_owned(), json!("*"))).collect();
        repositories.push(json!({ "type": "package", "package": {
            "name": name, "version": version, "require": needs,
            "dist": { "type": "tar", "url": archive },
        }}));
    }
    let wants = |packages: &[Made]| -> serde_json::Map<_, _> {
        packages.iter().map(|(name, ..)| ((*name).to_owned(), json!("*"))).collect()
    };
    let (last, others) = packages.split_last().context("at least one package")?;
    let project = json!({
        "name": "made/app", "repositories": repositories,
        "require": wants(others), "require-dev": wants(&[*last]),
    });
    fs_err::write(folder.join("composer.json"), project.to_string())?;
    run(Command::new("composer")
        .args(["install", "--no-interaction", "--no-progress", "--quiet"])
        .current_dir(folder)
        .env("COMPOSER_HOME", archives.path())
        .env("COMPOSER_ALLOW_SUPERUSER", "1")
        .env("COMPOSER_DISABLE_NETWORK", "1"))
    .map(drop)
}

/// Builds a program of Rust with the list of its crates in it. It uses the crates of the list; one
/// more is for tests, and one for its build alone.
///
/// # Errors
/// Those of Cargo and cargo-auditable.
pub fn auditable(folder: &Path, crates: &[(&str, &str)]) -> anyhow::Result<()> {
    let source = tempfile::tempdir()?;
    let dependencies = crates.iter().map(|(name, version)| format!("{name} = \"={version}\"\n"));
    let manifest = format!(
        "[package]\nname = \"made-app\"\nversion = \"0.3.0\"\nedition = \"2024\"\n\
         [dependencies]\n{}[dev-dependencies]\nryu = \"1\"\n\
         [build-dependencies]\nversion_check = \"0.9\"\n",
        dependencies.collect::<String>()
    );
    let sources = source.path().join("src");
    fs_err::create_dir(&sources)?;
    fs_err::write(source.path().join("Cargo.toml"), manifest)?;
    fs_err::write(sources.join("main.rs"), "fn main() {}\n")?;
    let target = source.path().join("target");
    run(Command::new("cargo")
        .args(["auditable", "build", "--quiet"])
        .current_dir(source.path())
        .env("CARGO_TARGET_DIR", &target))?;
    let bin = folder.join("bin");
    fs_err::create_dir(&bin)?;
    fs_err::copy(target.join("debug/made-app"), bin.join("made-app"))?;
    Ok(())
}
