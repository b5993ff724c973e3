// Attacks of a hostile job, one a name. Exit code 0: it worked; 1: it was refused, with the reason on standard error. Static, so that it
// runs in images without a libc. Everything is bounded: a sandbox that fails must not take the machine with it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int refused(const char *what) { fprintf(stderr, "%s: %s\n", what, strerror(errno)); return 1; }
static int worked(const char *what) { printf("WORKED %s\n", what); return 0; }

static int read_file(const char *path) {
    char buffer[256];
    int fd = open(path, O_RDONLY);
    if (fd < 0) return refused(path);
    return read(fd, buffer, sizeof buffer) > 0 ? worked(path) : refused(path);
}

static int write_file(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (fd < 0) return refused(path);
    return write(fd, "evil\n", 5) == 5 ? worked(path) : refused(path);
}

// Any process whose environment or command line has the marker, which comes in two halves so that one's own command line has it not.
static int read_procs(const char *first, const char *second) {
    char marker[256];
    snprintf(marker, sizeof marker, "%s%s", first, second);
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    while (proc && (entry = readdir(proc))) {
        const char *files[] = {"environ", "cmdline"};
        if (atoi(entry->d_name) == 0) continue;
        for (int i = 0; i < 2; i++) {
            char path[300], text[65536];
            snprintf(path, sizeof path, "/proc/%s/%s", entry->d_name, files[i]);
            int fd = open(path, O_RDONLY);
            if (fd < 0) continue;
            ssize_t len = read(fd, text, sizeof text);
            close(fd);
            if (len > 0 && memmem(text, len, marker, strlen(marker))) return worked(path);
        }
    }
    errno = ESRCH;
    return refused("no process has it");
}

static int fork_bomb(int most) {
    int made = 0;
    for (; made < most; made++) {
        pid_t pid = fork();
        if (pid < 0) break;
        if (pid == 0) { for (;;) pause(); }
    }
    fprintf(stderr, "%d processes\n", made);
    return made == most ? worked("fork") : 1;
}

static int use_memory(long mib, int hold_secs) {
    for (long i = 0; i < mib; i++) {
        char *page = malloc(1 << 20);
        if (!page) return refused("malloc");
        memset(page, 1, 1 << 20);
    }
    sleep(hold_secs);
    return worked("memory");
}

static int fill(const char *path, long mib) {
    static char block[1 << 20];
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    if (fd < 0) return refused(path);
    for (long i = 0; i < mib; i++)
        if (write(fd, block, sizeof block) != sizeof block) { int e = errno; fprintf(stderr, "%ld MiB\n", i); unlink(path); errno = e; return refused("write"); }
    return worked("disk");
}

static int many_files(const char *dir, int most) {
    int made = 0;
    for (; made < most; made++) {
        char path[300];
        snprintf(path, sizeof path, "%s/f%d", dir, made);
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        if (fd < 0) break;
        close(fd);
    }
    fprintf(stderr, "%d files\n", made);
    return made == most ? worked("files") : refused("open");
}

static int flood(long mib) {
    static char block[65536];
    memset(block, 'y', sizeof block);
    for (long i = 0; i < mib * 16; i++)
        if (write(1, block, sizeof block) < 0) return refused("write");
    return 0;
}

static int try_connect(const char *address, int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval wait = {.tv_sec = 0, .tv_usec = 300000};
    if (fd < 0) return refused("socket");
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    inet_pton(AF_INET, address, &to.sin_addr);
    return connect(fd, (struct sockaddr *)&to, sizeof to) ? refused(address) : worked(address);
}

static int daemonise(void) {
    if (fork()) return 0;
    setsid();
    if (fork()) _exit(0);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    printf("daemon\n");
    fflush(stdout);
    for (int i = 0; i < 300; i++) sleep(1);
    return 0;
}

static int socket_of(int family, int type, int protocol) {
    return socket(family, type, protocol) < 0 ? refused("socket") : worked("socket");
}

static int try_ptrace(int pid) {
    if (ptrace(PTRACE_ATTACH, pid, 0, 0)) return refused("ptrace");
    waitpid(pid, NULL, 0);
    ptrace(PTRACE_DETACH, pid, 0, 0);
    return worked("ptrace");
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "", *a = argc > 2 ? argv[2] : "", *b = argc > 3 ? argv[3] : "";
    if (!strcmp(name, "read")) return read_file(a);
    if (!strcmp(name, "write")) return write_file(a);
    if (!strcmp(name, "procs")) return read_procs(a, b);
    if (!strcmp(name, "fork")) return fork_bomb(atoi(a));
    if (!strcmp(name, "memory")) return use_memory(atol(a), atoi(b));
    if (!strcmp(name, "fill")) return fill(a, atol(b));
    if (!strcmp(name, "files")) return many_files(a, atoi(b));
    if (!strcmp(name, "flood")) return flood(atol(a));
    if (!strcmp(name, "connect")) return try_connect(a, atoi(b));
    if (!strcmp(name, "daemon")) return daemonise();
    if (!strcmp(name, "kill")) return kill(atoi(a), SIGKILL) ? refused("kill") : worked("kill");
    if (!strcmp(name, "ptrace")) return try_ptrace(atoi(a));
    if (!strcmp(name, "mount")) return mount("x", "/tmp", "tmpfs", 0, NULL) ? refused("mount") : worked("mount");
    if (!strcmp(name, "userns")) return unshare(CLONE_NEWUSER) ? refused("unshare") : worked("unshare");
    if (!strcmp(name, "clone")) { long p = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); if (p == 0) _exit(0); return p < 0 ? refused("clone") : worked("clone"); }
    if (!strcmp(name, "raw")) return socket_of(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (!strcmp(name, "packet")) return socket_of(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    if (!strcmp(name, "vsock")) return socket_of(40, SOCK_STREAM, 0);
    if (!strcmp(name, "mknod")) return mknod(a, S_IFBLK | 0600, makedev(atoi(b), 0)) ? refused("mknod") : worked("mknod");
    if (!strcmp(name, "clock")) { struct timespec now; clock_gettime(CLOCK_REALTIME, &now); return clock_settime(CLOCK_REALTIME, &now) ? refused("clock_settime") : worked("clock_settime"); }
    if (!strcmp(name, "hostname")) return sethostname("evil", 4) ? refused("sethostname") : worked("sethostname");
    if (!strcmp(name, "setuid")) return setuid(0) ? refused("setuid") : worked("setuid");
    if (!strcmp(name, "nice")) return setpriority(PRIO_PROCESS, 0, -10) ? refused("setpriority") : worked("setpriority");
    if (!strcmp(name, "link")) return link(a, b) ? refused("link") : worked("link");
    fprintf(stderr, "no attack is called %s\n", name);
    return 2;
}
