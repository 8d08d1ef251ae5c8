/*
 * A server that records when requests arrive. It never sleeps: give it a core of its own. Each read is taken to hold one
 * request, and is answered at once. Two times are kept of each request: the kernel's receive time stamp, which is when
 * the request reached the network interface, and the time of day right after the read, before the answer. The second one
 * includes the kernel's delivery to this server's socket and this server's own delay.
 *
 *   cc -O2 -o arrival-recorder arrival-recorder.c
 *   ./arrival-recorder   prints its port on 127.0.0.1; at the end of stdin, one line per request: the time stamp and the
 *                        time after the read, in µs since 1970
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 64, MAX_ARRIVALS = 1000000, TURNS_PER_LOOK = 256, STAMPS_BEGIN_US = 300000 };

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"count\":1}";
static long long arrivals_us[MAX_ARRIVALS], reads_us[MAX_ARRIVALS];

static long long microseconds(const struct timespec *time) { return time->tv_sec * 1000000LL + time->tv_nsec / 1000; }

static long long now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return microseconds(&now);
}

/* The kernel's receive time stamp of a message in µs since 1970, or -1 if it has none. */
static long long stamp_us(struct msghdr *message) {
  for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    struct timespec time;
    memcpy(&time, CMSG_DATA(part), sizeof time);
    return microseconds(&time);
  }
  return -1;
}

/*
 * Makes the kernel stamp all messages. It begins some time after a socket asked for it, and goes on while that socket is
 * open. Returns 0 if the kernel refuses.
 */
static int begin_stamps(void) {
  int on = 1, asking = socket(AF_INET, SOCK_DGRAM, 0);
  if (asking < 0 || setsockopt(asking, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0) return 0;
  usleep(STAMPS_BEGIN_US);
  return 1;
}

int main(void) {
  if (!begin_stamps()) {
    fputs("arrival-recorder: this kernel gives no receive time stamps\n", stderr);
    return 1;
  }
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 64) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
    perror("arrival-recorder");
    return 1;
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  int connections[MAX_CONNECTIONS], open = 0, count = 0;
  char bytes[65536];
  for (int turn = 0;; turn++) {
    if (turn % TURNS_PER_LOOK == 0) {
      struct pollfd input = {.fd = 0, .events = POLLIN};
      if (poll(&input, 1, 0) > 0 && read(0, bytes, sizeof bytes) <= 0) break;
      int accepted = open < MAX_CONNECTIONS ? accept4(listener, NULL, NULL, SOCK_NONBLOCK) : -1;
      if (accepted >= 0) {
        int on = 1;
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(accepted, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
        connections[open++] = accepted;
      }
    }
    for (int at = 0; at < open; at++) {
      char control[128];
      struct iovec into = {.iov_base = bytes, .iov_len = sizeof bytes};
      struct msghdr message = {.msg_iov = &into, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
      ssize_t got = recvmsg(connections[at], &message, 0);
      if (got > 0) {
        if (count < MAX_ARRIVALS) {
          reads_us[count] = now_us();
          arrivals_us[count] = stamp_us(&message);
          if (arrivals_us[count++] < 0) {
            fputs("arrival-recorder: this kernel gives TCP no receive time stamps\n", stderr);
            return 1;
          }
        }
        if (send(connections[at], ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL) < 0) got = 0;
      }
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        close(connections[at]);
        connections[at--] = connections[--open];
      }
    }
  }
  for (int at = 0; at < count; at++) printf("%lld %lld\n", arrivals_us[at], reads_us[at]);
  return 0;
}
