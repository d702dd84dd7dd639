//! Where PostgreSQL's own files are: in our folder, or beside the system's
//! clusters when its user cannot get into our folder, as below `/root`.

use std::{
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use rustix::process::geteuid;
use sha2::{Digest, Sha256};

use crate::output::say;

/// Where Debian keeps clusters; it belongs to the user `postgres`.
const SYSTEM: &str = "/var/lib/postgresql";

/// The folder, made if it is missing. One that is elsewhere has a link to it in ours: whoever deletes our folder begins anew there too.
pub(super) fn of(data: &Path) -> Result<PathBuf> {
    let here = data.join("cluster");
    if !geteuid().is_root() {
        fs::create_dir_all(&here)?;
        return Ok(here);
    }
    if can_enter(data)? {
        fs::create_dir_all(&here)?;
        return given(here);
    }
    let whole = fs::canonicalize(data)?;
    let digest = Sha256::digest(whole.as_os_str().as_encoded_bytes());
    let name: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let there = Path::new(SYSTEM).join(format!("tradewind-{name}"));
    if fs::read_link(&here).is_ok_and(|link| link == there) && there.exists() {
        return Ok(there);
    }
    missing_is_fine(fs::remove_dir_all(&there))?;
    // A folder that is in the way is removed only if it is empty.
    if here.is_symlink() {
        fs::remove_file(&here)?;
    } else {
        missing_is_fine(fs::remove_dir(&here)).with_context(|| format!("{} is in the way", here.display()))?;
    }
    fs::create_dir_all(&there)?;
    symlink(&there, &here).with_context(|| format!("linking {}", here.display()))?;
    say(format_args!(
        "the user postgres cannot enter {}: its data are in {}",
        whole.display(),
        there.display()
    ));
    given(there)
}

fn can_enter(folder: &Path) -> Result<bool> {
    let mut test = Command::new("runuser");
    test.args(["-u", "postgres", "--", "test", "-x"]).arg(folder).current_dir("/");
    Ok(test.stderr(Stdio::null()).status().context("running runuser")?.success())
}

fn given(folder: PathBuf) -> Result<PathBuf> {
    ensure!(
        Command::new("chown").arg("postgres").arg(&folder).status()?.success(),
        "{} cannot be given to the user postgres",
        folder.display()
    );
    Ok(folder)
}

fn missing_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_stay_as_long_as_the_data_folder_does_wherever_they_are() {
        // Only its owner may enter a temporary folder, so that for root the files are elsewhere.
        let data = tempfile::tempdir().unwrap();
        let first = of(data.path()).unwrap();
        fs::write(first.join("kept"), "").unwrap();
        assert_eq!(of(data.path()).unwrap(), first);
        assert!(data.path().join("cluster/kept").exists());

        let link = data.path().join("cluster");
        if link.is_symlink() {
            fs::remove_file(link).unwrap();
        } else {
            fs::remove_dir_all(link).unwrap();
        }
        let second = of(data.path()).unwrap();
        assert!(!second.join("kept").exists());
        fs::remove_dir_all(second).unwrap();
    }
}
