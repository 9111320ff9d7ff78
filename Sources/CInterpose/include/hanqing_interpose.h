/*
 * Stands between a program and the system's calls on files beneath one folder: LD_PRELOAD it.
 * Specs/campaigns.md, "System calls" and "Power cuts". It is a tool of tests and is not shipped.
 *
 * All is said by the environment:
 *   HANQING_INTERPOSE_ROOT   the folder, an absolute path without symbolic links
 *   HANQING_INTERPOSE_LOG    a file to which each call beneath the folder is added: "kind<TAB>path"
 *   HANQING_INTERPOSE_FAULT  kind:number:how:errno:pattern, one call that does not go well
 *   HANQING_INTERPOSE_TRACE  a file to which what was done is added, for a power cut later
 *   HANQING_INTERPOSE_BOOT   a file that is read instead of the system's boot id
 *   HANQING_INTERPOSE_LAZY   if set, a sync is counted and not done: no power is cut in truth
 *
 * kind     open, create, write, sync, rename, truncate, mkdir, unlink, chmod, or any
 * number   the how manieth call of that kind on a path that fits the pattern, from 1
 * how      fail         not done, errno
 *          after        done, and errno nevertheless
 *          short        a write of a half, which is reported truly
 *          torn         a write of a half, then SIGKILL
 *          kill-before  SIGKILL, not done
 *          kill-after   SIGKILL, done
 *          full         from now on nothing that takes space is done, errno
 *          dead         from now on nothing is done, errno
 * pattern  of fnmatch(3), over the path relative to the folder
 *
 * The call that was struck is in the log with "!" before it.
 */
#ifndef HANQING_INTERPOSE_H
#define HANQING_INTERPOSE_H
#endif
