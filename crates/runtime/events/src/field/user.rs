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
        @Process |process, _| process.user.name.as_ref().into(),
        by(|draft, _, setting| {
            name(&mut draft.process().user, setting.text());
            Ok(())
        });
    "user.homedir" Text NAMES: "The home directory of the user.",
        @Process |process, _| process.user.home.as_ref().into(), put(process.user.home);
    "user.shell" Text NAMES: "The shell of the user.",
        @Process |process, _| process.user.shell.as_ref().into(), put(process.user.shell);
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
        @Process |process, _| login(process).and_then(|login| login.name.as_ref()).into(),
        by(|draft, _, setting| {
            name(draft.process().login.get_or_insert_default(), setting.text());
            Ok(())
        });
    "group.gid" Number NUMBERS: "The group whose rights the process uses.",
        @Process |process, _| process.group.id.into(), put(process.group.id);
    "group.name" Text NAMES: "The name of the group whose rights the process uses.",
        @Process |process, _| process.group.name.as_ref().into(),
        by(|draft, _, setting| {
            name(&mut draft.process().group, setting.text());
            Ok(())
        });
};

fn login(process: &Process) -> Option<&Account> {
    process.login.as_ref()
}

/// Names an account. One that is not root's has another number, where none was said.
fn name(account: &mut Account, name: Text) {
    if account.id == 0 && name != "root" {
        account.id = 1000;
    }
    account.name = Some(name);
}
