//! Fields of users and groups.

use super::Need;
use super::row::{FieldRow, rows};
use crate::{Account, Process, Text, Value};

const NUMBERS: &[Need] = &[Need::Process, Need::Credentials];
const NAMES: &[Need] = &[Need::Process, Need::Credentials, Need::AccountNames];

pub(super) const ROWS: &[FieldRow] = rows! {
    "user.uid" Number NUMBERS: "The user whose rights the process uses.",
        @Process |process, _| process.user.id.into(), put(process.user.id);
    "user.name" Text NAMES: "The name of the user whose rights the process uses.",
        @Process |process, _| name_of(&process.user),
        by(|draft, _, setting| {
            name(&mut draft.process().user, setting.text());
            Ok(())
        });
    "user.homedir" Text NAMES: "The home directory of the user.",
        @Process |process, _| known(process.user.home.as_ref(), &process.user, "/root"), put(process.user.home);
    "user.shell" Text NAMES: "The shell of the user.",
        @Process |process, _| known(process.user.shell.as_ref(), &process.user, UNKNOWN), put(process.user.shell);
    "user.loginuid" Number NUMBERS: "The user who logged in, whom `su` does not change; -1 where nobody did.",
        @Process |process, _| login(process).map_or(Value::Number(-1), |login| login.id.into()),
        by(|draft, _, setting| {
            if setting.read::<i64>()? == -1 {
                draft.process().login = None;
            } else {
                draft.process().login.get_or_insert_default().id = setting.read()?;
            }
            Ok(())
        });
    "user.loginname" Text NAMES: "The name of the user who logged in.",
        @Process |process, _| login(process).map_or(UNKNOWN.into(), name_of),
        by(|draft, _, setting| {
            name(draft.process().login.get_or_insert_default(), setting.text());
            Ok(())
        });
    "group.gid" Number NUMBERS: "The group whose rights the process uses.",
        @Process |process, _| process.group.id.into(), put(process.group.id);
    "group.name" Text NAMES: "The name of the group whose rights the process uses.",
        @Process |process, _| name_of(&process.group),
        by(|draft, _, setting| {
            name(&mut draft.process().group, setting.text());
            Ok(())
        });
};

fn login(process: &Process) -> Option<&Account> {
    process.login.as_ref()
}

/// What an account is called whose name nobody knows. It is a value, not null: `user.name != nobody` holds of it.
/// (libs, `filterchecks/user.cpp`)
const UNKNOWN: &str = "<NA>";

fn name_of(account: &Account) -> Value<'_> {
    known(account.name.as_ref(), account, "root")
}

/// Something of an account, or what it is of root where no file says so.
fn known<'e>(told: Option<&'e Text>, account: &Account, of_root: &'static str) -> Value<'e> {
    match told {
        Some(told) => told.into(),
        None if account.id == 0 => of_root.into(),
        None => UNKNOWN.into(),
    }
}

/// Names an account. One that is not root's has another number, where none was said.
fn name(account: &mut Account, name: Text) {
    if account.id == 0 && name != "root" {
        account.id = 1000;
    }
    account.name = Some(name);
}
