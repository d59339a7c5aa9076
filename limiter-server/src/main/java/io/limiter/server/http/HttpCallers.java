package io.limiter.server.http;

import io.limiter.server.access.AccessException;
import io.limiter.server.access.Asker;
import io.limiter.server.access.Askers;
import io.limiter.server.access.Origin;
import io.limiter.server.access.Shown;
import io.limiter.server.api.Failures;
import io.limiter.server.certificate.CertificateNames;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Tells who makes a request, by what its connection and its headers show. */
final class HttpCallers {
  static final String TOKEN = "x-limiter-token";
  private static final String TRACE = "traceparent";
  private static final Map<String, String> CHALLENGE = Map.of("WWW-Authenticate", "Bearer");

  private final Optional<? extends Askers> access;

  /**
   * Callers.
   *
   * @param access empty if anybody may do anything
   */
  HttpCallers(Optional<? extends Askers> access) {
    this.access = access;
  }

  /**
   * Says who asks, and goes on. Refuses what shows something wrong. To be called on the event loop
   * of the request, on which it goes on too.
   *
   * @param own whether the header Authorization is somebody else's: a gateway passes on that of the
   *     request that it asks about
   */
  void tell(Exchange call, boolean own, Runnable then) {
    if (access.isEmpty()) {
      call.isOf(Asker.ANYBODY);
      then.run();
      return;
    }
    Shown shown = shown(call.request(), own);
    Asker known;
    try {
      known = access.get().known(shown);
      if (known != null) {
        call.caller().isOf(known, call);
      }
    } catch (AccessException refused) {
      call.answer(refusal(refused));
      return;
    }
    if (known != null) {
      call.isOf(known);
      then.run();
      return;
    }
    // Nothing of its body is read meanwhile.
    call.request().pause();
    var unused =
        access
            .get()
            .verify(shown)
            .whenComplete(
                (asker, failure) ->
                    call.caller()
                        .eventLoop
                        .execute(() -> call.guarded(() -> goOn(call, asker, failure, then))));
  }

  private static void goOn(
      Exchange call, @Nullable Asker asker, @Nullable Throwable failure, Runnable then) {
    call.request().resume();
    if (asker == null) {
      call.answer(refusal(failure == null ? new CompletionException(null) : failure));
    } else {
      try {
        call.caller().isOf(asker, call);
      } catch (AccessException refused) {
        call.answer(refusal(refused));
        return;
      }
      call.isOf(asker);
      then.run();
    }
  }

  /** What is answered to whom access is refused. */
  static Page refusal(Throwable refused) {
    Page page = Problem.of(Failures.status(refused));
    return page.status() == 401
        ? new Page(page.status(), page.contentType(), page.body(), CHALLENGE)
        : page;
  }

  private static Shown shown(HttpServerRequest request, boolean own) {
    SSLSession session = request.connection().sslSession();
    SocketAddress peer = request.remoteAddress();
    return new Shown(
        session == null ? List.of() : CertificateNames.of(session),
        Shown.bearer(
            request.getHeader(TOKEN), own ? null : request.getHeader(HttpHeaders.AUTHORIZATION)),
        OptionalInt.empty(),
        Origin.of(peer == null ? null : peer.hostAddress(), request.getHeader(TRACE)));
  }
}
