/*
 * The least a client can cost on this machine: one thread, a keep-alive connection for each call in flight, one read and
 * one write per call, nothing looked at but the status line's first bytes, no clock read per call. No tool that speaks
 * HTTP/1.1 over sockets of this kernel can take much less, so the distance of every tool to this one is what the tool
 * itself adds. The server's answers must be small: each is taken to arrive in one piece, and a piece that doesn't begin
 * one ends the program.
 *
 *   cc -O2 -o epoll-loop epoll-loop.c                            plain HTTP only
 *   cc -O2 -DWITH_TLS -o epoll-loop epoll-loop.c -lssl -lcrypto  TLS too; the certificate is not verified
 *   ./epoll-loop http|https <port on 127.0.0.1> <connections> <seconds>
 *
 * Prints "<n> requests in <s> s".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <openssl/ssl.h>
#endif

enum { MAX_EVENTS = 1024, BUFFER_BYTES = 65536 };

struct connection {
  int fd;
#ifdef WITH_TLS
  SSL *tls;
#endif
};

static void fail(const char *what) {
  fprintf(stderr, "epoll-loop: %s\n", what);
  exit(1);
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static void transmit(struct connection *connection, const char *request, int length) {
#ifdef WITH_TLS
  if (connection->tls != NULL) {
    if (SSL_write(connection->tls, request, length) != length) fail("TLS write");
    return;
  }
#endif
  if (write(connection->fd, request, length) != length) fail("write");
}

/* The bytes that have come; 0 where TLS had something to say to itself only (a session ticket). */
static int receive(struct connection *connection, char *buffer) {
  int count;
#ifdef WITH_TLS
  if (connection->tls != NULL) {
    do {
      count = SSL_read(connection->tls, buffer, BUFFER_BYTES);
      if (count > 0) return count;
      if (SSL_get_error(connection->tls, count) != SSL_ERROR_WANT_READ) fail("TLS read");
    } while (SSL_has_pending(connection->tls));
    return 0;
  }
#endif
  count = read(connection->fd, buffer, BUFFER_BYTES);
  if (count <= 0) fail("read");
  return count;
}

int main(int argc, char **argv) {
  if (argc != 5) fail("usage: epoll-loop http|https <port> <connections> <seconds>");
  const int secure = strcmp(argv[1], "https") == 0;
  const int port = atoi(argv[2]), connections = atoi(argv[3]);
  const double wanted = atof(argv[4]);

  char request[256];
  const int length = snprintf(request, sizeof request, "GET /dog HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", port);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  const int poll = epoll_create1(0);
#ifdef WITH_TLS
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  /* A record's header and its body in one read. */
  SSL_CTX_set_read_ahead(context, 1);
#else
  if (secure) fail("built without TLS");
#endif

  struct connection *all = calloc(connections, sizeof *all);
  for (int i = 0; i < connections; i++) {
    struct connection *connection = &all[i];
    const int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection->fd, (void *)&address, sizeof address) != 0) fail("connect");
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef WITH_TLS
    if (secure) {
      connection->tls = SSL_new(context);
      SSL_set_fd(connection->tls, connection->fd);
      if (SSL_connect(connection->tls) != 1) fail("TLS handshake");
      SSL_clear_mode(connection->tls, SSL_MODE_AUTO_RETRY);
    }
#endif
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(poll, EPOLL_CTL_ADD, connection->fd, &event);
    transmit(connection, request, length);
  }

  static char buffer[BUFFER_BYTES];
  static struct epoll_event events[MAX_EVENTS];
  const double started = seconds_now();
  double elapsed;
  long requests = 0;
  while ((elapsed = seconds_now() - started) < wanted) {
    const int count = epoll_wait(poll, events, MAX_EVENTS, 100);
    for (int i = 0; i < count; i++) {
      struct connection *connection = events[i].data.ptr;
      const int bytes = receive(connection, buffer);
      if (bytes == 0) continue;
      if (bytes < 12 || memcmp(buffer, "HTTP/1.1 200", 12) != 0) fail("not the start of a 200");
      requests++;
      transmit(connection, request, length);
    }
  }
  printf("%ld requests in %.3f s\n", requests, elapsed);
  return 0;
}
