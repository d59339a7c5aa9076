package io.limiter.server.http;

import io.limiter.server.rules.Quoted;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request, and its response. To be used on the event loop of its connection, but for {@link
 * #answer}, which may be called on any thread, once.
 */
final class Exchange {
  private static final Logger log = LoggerFactory.getLogger(Exchange.class);

  private final HttpServerRequest request;
  private final HttpConnections.Open caller;
  private boolean ended;
  private int bytes;
  private int passedOver;
  private boolean closes;

  /** Takes a request on. It has to be answered. */
  Exchange(HttpServerRequest request, HttpConnections.Open caller) {
    this.request = request;
    this.caller = caller;
    request.exceptionHandler(gone -> end());
    request.response().exceptionHandler(gone -> end());
    request.response().closeHandler(gone -> end());
  }

  HttpServerRequest request() {
    return request;
  }

  HttpConnections.Open caller() {
    return caller;
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
          if (ended) {
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
          if (!ended) {
            caller.asks();
            whole.accept(body);
          }
        });
  }

  /**
   * Passes over the body, which nobody waits for.
   *
   * @param most bytes of it for which the connection is kept; beyond them it closes after the
   *     answer
   */
  void passOverBody(int most) {
    caller.asks();
    request.handler(
        some -> {
          passedOver = Math.min(most + 1, passedOver + some.length());
          if (passedOver > most && !closes) {
            closes = true;
            if (request.response().ended()) {
              var unused = request.connection().close();
            }
          }
        });
  }

  /** Nothing more of it is of use: it is read no further. */
  private void cut(Page page) {
    closes = true;
    write(page);
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
    if (ended) {
      return;
    }
    end();
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (closes) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      response.endHandler(sent -> request.connection().close());
    }
    if (!page.contentType().isEmpty()) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, page.contentType());
    }
    page.headers().forEach(response::putHeader);
    Buffer body = Buffer.buffer(page.body());
    response
        .setStatusCode(page.status())
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    var unused =
        (request.method().equals(HttpMethod.HEAD) ? response.end() : response.end(body))
            .onFailure(
                gone -> log.debug("The caller of {} went away", Quoted.text(request.uri()), gone));
  }

  private void end() {
    if (!ended) {
      ended = true;
      caller.answered();
      caller.bytes.giveBack(bytes);
      caller.requests.giveBack(1);
    }
  }
}
