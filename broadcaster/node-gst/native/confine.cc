// confine: runs a program with less than its caller may. Every restriction is tried; those that this system has are named in the
// program's environment (CONFINED), so that it can say what is missing. See docs/security.md.
//
//   confine [--user UID:GID [--need PATH]... [--own PATH]...] [--nice N] [--read PATH]... [--write PATH]... [--run PATH]...
//           [--data BYTES] [--files N] [--file-size BYTES] [--udp-only] -- PROGRAM ARGUMENT...
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

namespace {

struct Wanted {
  long uid = -1, gid = -1;
  bool hasNice = false;
  int nice = 0;
  std::vector<std::string> need, own, read, write, run;
  rlim_t data = 0, files = 0, fileSize = 0;
  bool udpOnly = false;
};

std::string confined;

void note(const std::string& what) {
  if (!confined.empty()) confined += ' ';
  confined += what;
}

[[noreturn]] void usage(const char* what) {
  fprintf(stderr, "confine: %s\n", what);
  _exit(64);
}

// ---- Limits

void limit(int resource, rlim_t value, const char* name) {
  struct rlimit now;
  if (getrlimit(resource, &now) != 0) return;
  if (now.rlim_max < value) value = now.rlim_max;
  struct rlimit next = {value, value};
  if (setrlimit(static_cast<__rlimit_resource_t>(resource), &next) == 0) note(name);
}

// Threads that step behind may come back to it, though no further: GLib makes some from those that did.
void takeNice(int nice) {
  rlim_t reach = static_cast<rlim_t>(20 - nice);
  struct rlimit up = {reach, reach};
  if (setpriority(PRIO_PROCESS, 0, nice) == 0) setrlimit(RLIMIT_NICE, &up);
}

// ---- User and capabilities

bool canUse(const Wanted& wanted) {
  for (auto& path : wanted.need) {
    if (faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) return false;
  }
  return true;
}

// What that user cannot read it could not run: then it stays who it is.
void becomeUser(const Wanted& wanted) {
  if (wanted.uid < 0 || geteuid() != 0) return;
  uid_t uid = static_cast<uid_t>(wanted.uid);
  gid_t gid = static_cast<gid_t>(wanted.gid);
  gid_t ownGroup = getegid();
  if (setegid(gid) != 0) return;
  bool can = seteuid(uid) == 0 && canUse(wanted);
  if (seteuid(0) != 0 || setegid(ownGroup) != 0) _exit(70);
  if (!can) return;
  for (auto& path : wanted.own) {
    if (chown(path.c_str(), uid, gid) != 0) return;
  }
  if (setgroups(0, nullptr) != 0) return;
  if (setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0) _exit(70);
  note("user");
}

void dropCapabilities() {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2] = {};
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (syscall(SYS_capset, &header, none) == 0) note("capabilities");
}

// While there still are some to do it with.
void boundCapabilities() {
  for (int capability = 0; capability <= 63; capability++) {
    if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  // Root is nobody special to what it runs from here on (SECBIT_NOROOT, and locked).
  prctl(PR_SET_SECUREBITS, 1 | 2, 0, 0, 0);
}

// ---- Landlock (its numbers are stable; the headers of older systems lack the newer ones)

struct Ruleset {
  uint64_t files, net, scoped;
};
struct __attribute__((packed)) Beneath {
  uint64_t access;
  int32_t parent;
};

constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;
constexpr uint64_t kExecute = 1 << 0, kWriteFile = 1 << 1, kReadFile = 1 << 2, kReadDir = 1 << 3;
constexpr uint64_t kTruncate = 1 << 14, kIoctl = 1 << 15;

uint64_t handledFiles(long abi) {
  uint64_t all = (1 << 13) - 1;
  if (abi >= 2) all |= 1 << 13;
  if (abi >= 3) all |= kTruncate;
  if (abi >= 5) all |= kIoctl;
  return all;
}

void allow(int ruleset, const std::string& path, uint64_t access) {
  int fd = open(path.c_str(), O_PATH | O_CLOEXEC);
  if (fd < 0) return;  // what is not there need not be allowed
  struct stat found;
  bool isFile = fstat(fd, &found) == 0 && !S_ISDIR(found.st_mode);
  if (isFile) access &= kExecute | kWriteFile | kReadFile | kTruncate | kIoctl;
  Beneath rule = {access, fd};
  syscall(kAddRule, ruleset, 1, &rule, 0);
  close(fd);
}

void confineFiles(const Wanted& wanted) {
  long abi = syscall(kCreateRuleset, nullptr, 0, 1);
  if (abi < 1) return;
  uint64_t all = handledFiles(abi);
  Ruleset rules = {all, abi >= 4 ? 3u : 0u, abi >= 6 ? 3u : 0u};
  size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  int ruleset = static_cast<int>(syscall(kCreateRuleset, &rules, size, 0));
  if (ruleset < 0) return;
  for (auto& path : wanted.read) allow(ruleset, path, kReadFile | kReadDir);
  for (auto& path : wanted.run) allow(ruleset, path, kReadFile | kExecute);
  for (auto& path : wanted.write) allow(ruleset, path, all & ~kExecute);
  if (syscall(kRestrictSelf, ruleset, 0) == 0) note("landlock:" + std::to_string(abi));
  close(ruleset);
}

// ---- Seccomp

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr uint32_t kArchitecture = 0;
#endif

constexpr uint32_t refuse(uint32_t error) { return SECCOMP_RET_ERRNO | (error & SECCOMP_RET_DATA); }

class Filter {
 public:
  Filter() {
    load(offsetof(struct seccomp_data, arch));
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
    answer(SECCOMP_RET_KILL_PROCESS);
    loadNumber();
#if defined(__x86_64__)
    // The x32 numbers would be another way to the same calls.
    add(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
    answer(refuse(ENOSYS));
#endif
  }
  void refuseCall(long number, uint32_t error = EPERM) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 1));
    answer(refuse(error));
  }
  // New processes; threads are made by the same call.
  void threadsOnly() {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 4));
    loadArgument(0);
    add(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0));
    answer(refuse(EPERM));
    loadNumber();
  }
  // Of sockets, those for datagrams of the Internet alone.
  void datagramsOnly() {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 0, 8));
    loadArgument(0);
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0));
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0));
    answer(refuse(EACCES));
    loadArgument(1);
    add(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf));
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCK_DGRAM, 1, 0));
    answer(refuse(EACCES));
    loadNumber();
  }
  bool apply() {
    answer(SECCOMP_RET_ALLOW);
    struct sock_fprog program = {static_cast<unsigned short>(code_.size()), code_.data()};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
  }

 private:
  void add(struct sock_filter step) { code_.push_back(step); }
  void load(size_t offset) { add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset))); }
  void loadNumber() { load(offsetof(struct seccomp_data, nr)); }
  void loadArgument(int index) { load(offsetof(struct seccomp_data, args) + 8 * index); }
  void answer(uint32_t what) { add(BPF_STMT(BPF_RET | BPF_K, what)); }
  std::vector<struct sock_filter> code_;
};

// What neither a runtime nor a media pipeline calls, and what taken-over ones are glad of.
constexpr long kNever[] = {
    __NR_ptrace,          __NR_process_vm_readv, __NR_process_vm_writev, __NR_mount,         __NR_umount2,
    __NR_pivot_root,      __NR_chroot,           __NR_setns,             __NR_unshare,       __NR_init_module,
    __NR_finit_module,    __NR_delete_module,    __NR_kexec_load,        __NR_bpf,           __NR_perf_event_open,
    __NR_keyctl,          __NR_add_key,          __NR_request_key,       __NR_userfaultfd,   __NR_open_by_handle_at,
    __NR_reboot,          __NR_swapon,           __NR_swapoff,           __NR_acct,          __NR_settimeofday,
    __NR_clock_settime,   __NR_adjtimex,         __NR_clock_adjtime,     __NR_sethostname,   __NR_setdomainname,
    __NR_syslog,          __NR_quotactl,         __NR_personality,       __NR_fanotify_init, __NR_vhangup,
    __NR_listen,          __NR_accept,           __NR_accept4,
#ifdef __NR_fork
    __NR_fork,            __NR_vfork,
#endif
#ifdef __NR_iopl
    __NR_iopl,            __NR_ioperm,           __NR_modify_ldt,
#endif
};

// Their callers have another way, and take it when the kernel does not know them.
constexpr long kUnknown[] = {435 /* clone3: its flags cannot be seen */, 425, 426, 427 /* io_uring */};

void confineCalls(bool udpOnly) {
  if (kArchitecture == 0) return;
  Filter filter;
  for (long number : kNever) filter.refuseCall(number);
  for (long number : kUnknown) filter.refuseCall(number, ENOSYS);
  filter.threadsOnly();
  if (udpOnly) filter.datagramsOnly();
  if (filter.apply()) note(udpOnly ? "seccomp udp-only" : "seccomp");
}

// ---- Command line

int parse(int argc, char** argv, Wanted& wanted) {
  for (int i = 1; i < argc; i++) {
    std::string word = argv[i];
    if (word == "--") return i + 1;
    if (word == "--udp-only") {
      wanted.udpOnly = true;
      continue;
    }
    if (i + 1 >= argc) usage("a value is missing");
    std::string value = argv[++i];
    if (word == "--user") {
      if (sscanf(value.c_str(), "%ld:%ld", &wanted.uid, &wanted.gid) != 2) usage("--user UID:GID");
    } else if (word == "--nice") {
      wanted.hasNice = true;
      wanted.nice = atoi(value.c_str());
    } else if (word == "--need") wanted.need.push_back(value);
    else if (word == "--own") wanted.own.push_back(value);
    else if (word == "--read") wanted.read.push_back(value);
    else if (word == "--write") wanted.write.push_back(value);
    else if (word == "--run") wanted.run.push_back(value);
    else if (word == "--data") wanted.data = strtoull(value.c_str(), nullptr, 10);
    else if (word == "--files") wanted.files = strtoull(value.c_str(), nullptr, 10);
    else if (word == "--file-size") wanted.fileSize = strtoull(value.c_str(), nullptr, 10);
    else usage("an unknown word");
  }
  return argc;
}

}  // namespace

int main(int argc, char** argv) {
  Wanted wanted;
  int program = parse(argc, argv, wanted);
  if (program >= argc) usage("no program");
  if (wanted.hasNice) takeNice(wanted.nice);
  limit(RLIMIT_CORE, 0, "no-core");
  if (wanted.data != 0) limit(RLIMIT_DATA, wanted.data, "data");
  if (wanted.files != 0) limit(RLIMIT_NOFILE, wanted.files, "files");
  if (wanted.fileSize != 0) limit(RLIMIT_FSIZE, wanted.fileSize, "file-size");
  boundCapabilities();
  becomeUser(wanted);
  dropCapabilities();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
    note("no-new-privileges");
    confineFiles(wanted);
    confineCalls(wanted.udpOnly);
  }
  setenv("CONFINED", confined.c_str(), 1);
  execv(argv[program], argv + program);
  fprintf(stderr, "confine: %s: %s\n", argv[program], strerror(errno));
  return 71;
}
