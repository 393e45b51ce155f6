"""Writing a plan: all files or none, with an undo bundle; and taking it back.

A bundle (`/var/lib/keepalived-upgrade/undo/ID` inside the root, 0700, its files 0600) holds the old and the new text of
every file and a journal that says which way the files are going: writing, written, undoing. Writing brings all files
to the new side, undo to the old one, and both are the same five steps:

1. the journal is written and synced;
2. each text is staged beside its target, gets everything the target has (mode, owner, ACLs, extended attributes,
   SELinux context, flags), is compared with it, and synced;
3. staged file and target change places (`renameat2`, RENAME_EXCHANGE), and what came out must be what was looked at,
   else it goes back; a new file is linked into place, which never replaces one; a file to remove is moved aside first;
4. the folders are synced and must still be where their paths lead;
5. the journal says that all is done, or the bundle is removed.

A failure turns the files back the same way. After a crash the journal is still there: nothing else is written until
`undo` puts the old files back or `finish` completes the writing.

Every name below the root is reached by descriptors that refuse links, so a link put in meanwhile leads nowhere.

What cannot be excluded: a process that has the old file open and writes into it after it was exchanged loses what it
writes. Where the file system knows no RENAME_EXCHANGE (some network file systems), so does one that replaces the file
between the last look and the rename, some microseconds. A folder moved within the root in the midst of step 3 takes
the new text along until step 4 notices. Undo brings the modification times of the old files back; inode numbers and
change times are new. The mode, owner and attributes that a file got since the upgrade stay when it is undone.
"""

from keepalived_upgrade.writing.bundles import Bundle, Entry, State
from keepalived_upgrade.writing.run import finish, prune, refuse_interrupted, undo, write_plan
from keepalived_upgrade.writing.show import changes_of
from keepalived_upgrade.writing.store import list_bundles, pending

__all__ = [
    "Bundle",
    "Entry",
    "State",
    "changes_of",
    "finish",
    "list_bundles",
    "pending",
    "prune",
    "refuse_interrupted",
    "undo",
    "write_plan",
]
