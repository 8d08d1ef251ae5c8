/*
 * A server that records when requests arrive. It never sleeps, so that its own delay is a few microseconds: give it a
 * core of its own. Each read is taken to hold one request, and is answered at once. The time of day is read right after
 * the read, before the answer.
 *
 *   cc -O2 -o arrival-recorder arrival-recorder.c
 *   ./arrival-recorder          prints its port on 127.0.0.1; at the end of stdin, the arrivals in µs since 1970, one a line
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

enum { MAX_CONNECTIONS = 64, MAX_ARRIVALS = 1000000, TURNS_PER_LOOK = 256 };

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"count\":1}";
static long long arrivals[MAX_ARRIVALS];

static long long now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

int main(void) {
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
        connections[open++] = accepted;
      }
    }
    for (int at = 0; at < open; at++) {
      ssize_t got = recv(connections[at], bytes, sizeof bytes, 0);
      if (got > 0) {
        if (count < MAX_ARRIVALS) arrivals[count++] = now_us();
        if (send(connections[at], ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL) < 0) got = 0;
      }
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        close(connections[at]);
        connections[at--] = connections[--open];
      }
    }
  }
  for (int at = 0; at < count; at++) printf("%lld\n", arrivals[at]);
  return 0;
}
