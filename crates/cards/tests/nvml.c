/* NVML's C interface over a text file beside this library: lines of `CARD.KEY=NUMBER`, the last of which counts. What is set is appended. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned int u32;
typedef unsigned long long u64;
enum { OK = 0, UNSUPPORTED = 3, ABSENT = 6, SMALL = 7, UNLOADED = 9, TIMEOUT = 10, LOST = 15 };

static FILE *cards(const char *mode) {
    Dl_info info;
    char path[4096];
    dladdr((void *)cards, &info);
    snprintf(path, sizeof path, "%s", info.dli_fname);
    snprintf(strrchr(path, '/'), 16, "/cards");
    return fopen(path, mode);
}
static long get(int card, const char *key, long otherwise) {
    char line[256], want[64];
    long found = otherwise;
    FILE *file = cards("r");
    if (!file) return otherwise;
    int len = snprintf(want, sizeof want, "%d.%s=", card, key);
    while (fgets(line, sizeof line, file))
        if (!strncmp(line, want, len)) found = atol(line + len);
    fclose(file);
    return found;
}
static void put(int card, const char *key, long value) {
    FILE *file = cards("a");
    fprintf(file, "%d.%s=%ld\n", card, key, value);
    fclose(file);
}
static int of(void *device) { return (int)(intptr_t)device - 1; }
#define ALIVE(device) if (get(of(device), "gone", 0)) return LOST
#define READ(name, key, otherwise) \
    int name(void *device, u32 *value) { ALIVE(device); *value = get(of(device), key, otherwise); return OK; }

int nvmlInit_v2(void) { return get(0, "driver", 1) ? OK : UNLOADED; }
int nvmlShutdown(void) { return OK; }
int nvmlSystemGetDriverVersion(char *text, u32 len) { snprintf(text, len, "550.54.15"); return OK; }
int nvmlDeviceGetCount_v2(u32 *count) { *count = get(0, "count", 2); return OK; }
int nvmlDeviceGetHandleByIndex_v2(u32 number, void **device) {
    if (number >= (u32)get(0, "count", 2)) return ABSENT;
    *device = (void *)(intptr_t)(number + 1);
    ALIVE(*device);
    return OK;
}
int nvmlDeviceGetUUID(void *device, char *text, u32 len) {
    ALIVE(device);
    snprintf(text, len, "GPU-aaaaaaaa-0000-0000-0000-00000000000%d", of(device));
    return OK;
}
int nvmlDeviceGetName(void *device, char *text, u32 len) { ALIVE(device); snprintf(text, len, "NVIDIA Stub"); return OK; }
READ(nvmlDeviceGetMinorNumber, "minor", of(device))
READ(nvmlDeviceGetPowerUsage, "milliwatts", 50000)
READ(nvmlDeviceGetPowerManagementLimit, "limit", 350000)
READ(nvmlDeviceGetComputeMode, "compute", 0)
int nvmlDeviceSetPowerManagementLimit(void *device, u32 value) {
    ALIVE(device);
    if (get(of(device), "stuck", 0)) return 4;
    put(of(device), "limit", value);
    return OK;
}
int nvmlDeviceSetComputeMode(void *device, u32 value) { ALIVE(device); put(of(device), "compute", value); return OK; }
int nvmlDeviceGetMigMode(void *device, u32 *now, u32 *next) {
    ALIVE(device);
    *now = *next = get(of(device), "mig", 0);
    return OK;
}
int nvmlDeviceSetMigMode(void *device, u32 mode, u32 *status) { ALIVE(device); put(of(device), "mig", mode); *status = OK; return OK; }
int nvmlDeviceGetTemperature(void *device, u32 sensor, u32 *value) { (void)sensor; ALIVE(device); *value = get(of(device), "celsius", 40); return OK; }
int nvmlDeviceGetTemperatureThreshold(void *device, u32 kind, u32 *value) { (void)kind; ALIVE(device); *value = 90; return OK; }
int nvmlDeviceGetClockInfo(void *device, u32 kind, u32 *value) { (void)kind; ALIVE(device); *value = get(of(device), "megahertz", 1410); return OK; }
int nvmlDeviceGetTotalEccErrors(void *device, u32 kind, u32 counter, u64 *value) {
    (void)kind; (void)counter;
    ALIVE(device);
    *value = get(of(device), "ecc", 0);
    return OK;
}
int nvmlDeviceGetUtilizationRates(void *device, u32 *rates) {
    ALIVE(device);
    rates[0] = get(of(device), "load", 0);
    rates[1] = 0;
    return OK;
}
struct memory { u32 version; u64 total, reserved, free, used; };
int nvmlDeviceGetMemoryInfo_v2(void *device, struct memory *memory) {
    ALIVE(device);
    memory->total = 1ull << 33;
    memory->reserved = 0;
    memory->used = get(of(device), "used", 1 << 20);
    memory->free = memory->total - memory->used;
    return OK;
}
struct pci { char legacy[16]; u32 domain, bus, device, id, sub; char bus_id[32]; };
int nvmlDeviceGetPciInfo_v3(void *device, struct pci *pci) {
    ALIVE(device);
    memset(pci, 0, sizeof *pci);
    pci->bus = of(device) + 1;
    snprintf(pci->legacy, sizeof pci->legacy, "0000:%02X:00.0", pci->bus);
    snprintf(pci->bus_id, sizeof pci->bus_id, "00000000:%02X:00.0", pci->bus);
    return OK;
}
struct process { u32 pid; u64 used; u32 instance, compute; };
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, u32 *count, struct process *all) {
    ALIVE(device);
    long pid = get(of(device), "pid", 0);
    u32 room = *count;
    *count = pid ? 1 : 0;
    if (!pid) return OK;
    if (room < 1 || !all) return SMALL;
    memset(all, 0, sizeof *all);
    all->pid = pid;
    return OK;
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(void *device, u32 *count, struct process *all) {
    (void)all;
    ALIVE(device);
    *count = 0;
    return OK;
}
int nvmlDeviceResetApplicationsClocks(void *device) { ALIVE(device); put(of(device), "clocks", 0); return OK; }
int nvmlDeviceResetGpuLockedClocks(void *device) { ALIVE(device); return OK; }
int nvmlDeviceResetMemoryLockedClocks(void *device) { ALIVE(device); return UNSUPPORTED; }

struct set { void *device; long told; };
struct event { void *device; u64 kind, data; u32 instance, compute; };
int nvmlEventSetCreate(struct set **set) { *set = calloc(1, sizeof **set); return OK; }
int nvmlEventSetFree(struct set *set) { free(set); return OK; }
int nvmlDeviceRegisterEvents(void *device, u64 kinds, struct set *set) { (void)kinds; ALIVE(device); set->device = device; return OK; }
int nvmlEventSetWait_v2(struct set *set, struct event *event, u32 timeout) {
    long xids = get(of(set->device), "xids", 0);
    if (xids > set->told) {
        set->told = xids;
        memset(event, 0, sizeof *event);
        event->device = set->device;
        event->kind = 8; /* nvmlEventTypeXidCriticalError */
        event->data = get(of(set->device), "xid", 999);
        return OK;
    }
    usleep((timeout > 20 ? 20 : timeout) * 1000);
    ALIVE(set->device);
    return TIMEOUT;
}
