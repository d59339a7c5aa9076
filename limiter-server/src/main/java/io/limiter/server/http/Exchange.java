package io.limiter.server.http;

import io.limiter.server.access.Asker;
import io.limiter.server.rules.Quoted;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request, and its response. To be used on the event loop of its connection, but for {@link
 * #answer}, which may be called on any thread, once.
 *
 * <p>It counts among the requests of its connection until its caller has the answer and, if it was
 * asked, the answer has come: so giving it up makes no room for another while work goes on for it.
 */
final class Exchange {
  private static final Logger log = LoggerFactory.getLogger(Exchange.class);

  private static final int NO_ERROR = 0;
  private static final int REFUSED_STREAM = 7;
  private static final int CANCEL = 8;
  private static final int ENHANCE_YOUR_CALM = 11;

  /** Of a smaller answer no account is kept: the bound of requests is one of them too. */
  private static final int LARGE_BYTES = 1 << 10;

  private final HttpServerRequest request;
  private final HttpConnections.Open caller;
  private final boolean isStream;
  private final long startNanos = System.nanoTime();
  private @Nullable Asker who;

  /** Whether it was read wholly, and is being asked or has been. */
  private boolean asked;

  private boolean answered;

  /** Whether its caller has the answer, or has gone. */
  private boolean closed;

  private boolean over;

  /** Whether its connection ends with the answer; of HTTP/2 it is its stream. */
  private boolean closes;

  private long bytes;
  private int passedOver;

  /** Takes a request on. It has to be answered. */
  Exchange(HttpServerRequest request, HttpConnections.Open caller) {
    this.request = request;
    this.caller = caller;
    isStream = request.version() == HttpVersion.HTTP_2;
    caller.begins(this);
    request.exceptionHandler(gone -> close());
    request.response().exceptionHandler(gone -> close());
    request.response().closeHandler(gone -> close());
  }

  HttpServerRequest request() {
    return request;
  }

  /** Says who asks. */
  void isOf(Asker asker) {
    who = asker;
  }

  /** Who asks. Fails if nobody told: whoever forgets that lets nobody in. */
  Asker who() {
    return Objects.requireNonNull(who, "it was not told who asks");
  }

  HttpConnections.Open caller() {
    return caller;
  }

  /** When it began, by {@link System#nanoTime}. */
  long startNanos() {
    return startNanos;
  }

  /**
   * Reads the body.
   *
   * @param most bytes that it may have; a longer one is refused with 413, and one that there is no
   *     room for with 503
   * @param whole is passed all of it
   */
  void read(int most, Consumer<Buffer> whole) {
    Buffer body = Buffer.buffer();
    request.handler(
        some -> {
          if (answered || closed) {
            return;
          }
          if (body.length() + some.length() > most) {
            cut(
                Problem.of(
                    413,
                    "Too large",
                    "the body is longer than %d bytes; send less at a time".formatted(most)));
          } else if (caller.bytes.take(some.length())) {
            bytes += some.length();
            body.appendBuffer(some);
          } else {
            cut(
                Problem.of(
                    503,
                    "No decision",
                    "bodies of other requests take all the room that there is; ask again later"));
          }
        });
    request.endHandler(
        read -> {
          if (!answered && !closed) {
            asks();
            whole.accept(body);
          }
        });
  }

  /**
   * Passes over the body, which nobody waits for.
   *
   * @param most bytes of it for which the connection is kept; beyond them it closes after the
   *     answer. Of HTTP/2 it is the stream
   */
  void passOverBody(int most) {
    asks();
    request.handler(
        some -> {
          passedOver = Math.min(most + 1, passedOver + some.length());
          if (passedOver > most && !closes) {
            closes = true;
            if (request.response().ended()) {
              hangUp(NO_ERROR);
            }
          }
        });
  }

  private void asks() {
    asked = true;
    caller.asks();
  }

  /** Nothing more of it is of use: it is read no further. */
  private void cut(Page page) {
    closes = true;
    write(page);
  }

  /** Takes it on no further, since its connection has too much under way. */
  void refuse() {
    if (isStream) {
      answered = true;
      hangUp(REFUSED_STREAM);
    } else {
      cut(Problem.of(503, "No decision", "too many requests are under way; ask again later"));
    }
  }

  /** It has taken too long: to be sent, or its answer to be taken. */
  void endLate() {
    if (!answered && !asked) {
      cut(Problem.of(408, "Too slow", "the request was not sent in time; send all of it at once"));
    } else if (answered) {
      hangUp(CANCEL);
    }
  }

  /**
   * Does what may fail by a defect, which must not leave it without an answer: also one of the
   * program as a whole, such as a class that is missing in it.
   */
  void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      log.error("{} failed", Quoted.text(request.uri()), e);
      answer(Page.text(500, "the service failed; its log says why\n"));
    }
  }

  /** Answers it, unless its caller is gone. */
  void answer(Page page) {
    caller.eventLoop.now(() -> write(page));
  }

  private void write(Page page) {
    if (answered) {
      return;
    }
    if (asked && !closed) {
      caller.waitsNoLonger();
    }
    answered = true;
    caller.answered();
    giveBackBytes();
    HttpServerResponse response = request.response();
    if (closed || response.ended() || response.closed()) {
      close();
      return;
    }
    Buffer body = Buffer.buffer(page.body());
    if (hasRoomFor(body.length())) {
      send(page, body);
    } else {
      hangUp(ENHANCE_YOUR_CALM);
    }
  }

  /** Whoever does not take what is sent is sent no more; but one answer each has, however large. */
  private boolean hasRoomFor(int length) {
    if (length <= LARGE_BYTES) {
      return true;
    }
    if (!caller.bytes.take(length)) {
      if (caller.bytes.held() > 0) {
        return false;
      }
      caller.bytes.takeAnyway(length);
    }
    bytes = length;
    return true;
  }

  private void send(Page page, Buffer body) {
    HttpServerResponse response = request.response();
    if (closes && !isStream) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    if (!page.contentType().isEmpty()) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, page.contentType());
    }
    page.headers().forEach(response::putHeader);
    response
        .setStatusCode(page.status())
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    var unused =
        (request.method().equals(HttpMethod.HEAD) ? response.end() : response.end(body))
            .onComplete(sent -> sent(sent.cause()));
  }

  private void sent(@Nullable Throwable failure) {
    if (failure != null) {
      log.debug("The caller of {} went away", Quoted.text(request.uri()), failure);
    }
    giveBackBytes();
    if (closes) {
      hangUp(NO_ERROR);
    }
    // A stream lasts until both sides have ended it, which Vert.x tells.
    if (!isStream) {
      close();
    }
  }

  /**
   * Ends the connection, or the stream.
   *
   * @param code why the stream ends, as HTTP/2 has it
   */
  private void hangUp(long code) {
    var unused = isStream ? request.response().reset(code) : request.connection().close();
  }

  /** The caller has the answer, or has gone. */
  private void close() {
    if (!closed) {
      closed = true;
      giveBackBytes();
      if (asked && !answered) {
        caller.waitsNoLonger();
      }
    }
    if (!over && (answered || !asked)) {
      over = true;
      caller.ends(this);
    }
  }

  private void giveBackBytes() {
    caller.bytes.giveBack(bytes);
    bytes = 0;
  }
}
