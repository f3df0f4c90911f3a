/* For tests, before the program by LD_PRELOAD: a wall clock that can be stepped and a disk that can be slow, while it runs.
 *
 * SHIM names a file of two numbers of 64 bits, which this maps: nanoseconds that the wall clock is off, and milliseconds that each
 * sync takes. The steady clock is left alone, as it is by whoever sets a machine's clock.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct settings {
  volatile int64_t clock_nanoseconds;
  volatile int64_t sync_milliseconds;
};

static const struct settings none;
static const struct settings* now = &none;
static int (*real_clock_gettime)(clockid_t, struct timespec*);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void find(void) {
  real_clock_gettime = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  const char* name = getenv("SHIM");
  const int file = name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);
  void* mapped = file < 0 ? MAP_FAILED : mmap(NULL, sizeof(struct settings), PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) now = mapped;
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  if (real_clock_gettime == NULL) find();
  const int result = real_clock_gettime(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    const int64_t off = now->clock_nanoseconds;
    time->tv_sec += off / 1000000000;
    time->tv_nsec += off % 1000000000;
    if (time->tv_nsec < 0) {
      time->tv_nsec += 1000000000;
      time->tv_sec -= 1;
    } else if (time->tv_nsec >= 1000000000) {
      time->tv_nsec -= 1000000000;
      time->tv_sec += 1;
    }
  }
  return result;
}

int gettimeofday(struct timeval* time, void* zone) {
  (void)zone;
  struct timespec precise;
  const int result = clock_gettime(CLOCK_REALTIME, &precise);
  time->tv_sec = precise.tv_sec;
  time->tv_usec = precise.tv_nsec / 1000;
  return result;
}

time_t time(time_t* out) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (out != NULL) *out = precise.tv_sec;
  return precise.tv_sec;
}

static void be_slow(void) {
  const int64_t wait = now->sync_milliseconds;
  const struct timespec pause = {.tv_sec = wait / 1000, .tv_nsec = (wait % 1000) * 1000000};
  if (wait > 0) nanosleep(&pause, NULL);
}

int fsync(int file) {
  be_slow();
  return real_fsync(file);
}

int fdatasync(int file) {
  be_slow();
  return real_fdatasync(file);
}
