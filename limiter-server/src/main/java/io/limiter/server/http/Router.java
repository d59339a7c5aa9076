package io.limiter.server.http;

import io.limiter.server.access.AccessException;
import io.limiter.server.access.Method;
import io.limiter.server.rules.Quoted;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Has each request answered by what answers its path. Safe to use from any thread. */
final class Router {
  private static final Map<String, Method> PROTECTED =
      Map.of("/metrics", Method.METRICS, "/rules", Method.RULES);

  private final Map<String, Function<HttpServerRequest, Page>> pages;
  private final HttpConnections connections;
  private final String paths;
  private volatile @Nullable ApiCalls api;
  private final HttpCallers callers;

  /** Calls are answered with 503 until {@link #serve}. */
  Router(
      Map<String, Function<HttpServerRequest, Page>> pages,
      HttpConnections connections,
      HttpCallers callers) {
    this.callers = callers;
    this.pages = pages;
    this.connections = connections;
    Set<String> all = new TreeSet<>(pages.keySet());
    all.addAll(ApiCalls.ROUTES.keySet());
    all.add(GatewayCalls.PATH);
    paths = String.join(", ", all);
  }

  /** Serves calls from now on. */
  void serve(ApiCalls calls) {
    api = calls;
  }

  /** To be called on the event loop of the request's connection. */
  void handle(HttpServerRequest request) {
    HttpConnections.Open caller = connections.of(request.connection());
    if (caller == null) {
      return;
    }
    boolean taken = caller.requests.take(1);
    if (!taken) {
      caller.requests.takeAnyway(1);
    }
    Exchange call = new Exchange(request, caller);
    if (taken || isProbe(caller, request)) {
      call.guarded(() -> answer(call));
    } else {
      call.refuse();
    }
  }

  /**
   * It is cheap to answer, and whoever has no more than that under way takes nothing from others.
   */
  private boolean isProbe(HttpConnections.Open caller, HttpServerRequest request) {
    return caller.requests.held() <= 1 && pages.containsKey(request.path());
  }

  private void answer(Exchange call) {
    String path = call.request().path();
    Function<HttpServerRequest, Page> page = path == null ? null : pages.get(path);
    ApiCalls.Route<?, ?> route = path == null ? null : ApiCalls.ROUTES.get(path);
    if (path != null && page != null) {
      page(path, page, call);
    } else if (path != null && (route != null || path.startsWith(GatewayCalls.PREFIX))) {
      callers.tell(call, /* own= */ route == null, () -> call(path, route, call));
    } else {
      call.answer(Page.text(404, "no such page; there are " + paths + "\n"));
    }
  }

  /** What only some may read tells who asks first. */
  private void page(String path, Function<HttpServerRequest, Page> page, Exchange call) {
    Method method = PROTECTED.get(path);
    if (method == null) {
      answer(path, page, call);
      return;
    }
    callers.tell(
        call,
        /* own= */ false,
        () -> {
          try {
            call.who().require(method);
          } catch (AccessException refused) {
            call.answer(HttpCallers.refusal(refused));
            return;
          }
          answer(path, page, call);
        });
  }

  private static void answer(String path, Function<HttpServerRequest, Page> page, Exchange call) {
    HttpMethod method = call.request().method();
    if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
      call.answer(page.apply(call.request()));
    } else {
      refuse(path, "GET, HEAD", "GET and HEAD", call);
    }
  }

  /** Without a route it is a gateway's, which comes by any method. */
  private void call(String path, ApiCalls.@Nullable Route<?, ?> route, Exchange call) {
    ApiCalls calls = api;
    if (route != null && !call.request().method().equals(HttpMethod.POST)) {
      refuse(path, "POST", "POST", call);
    } else if (calls == null) {
      call.answer(Problem.of(503, "No decision", "the service is starting; ask again in a moment"));
    } else if (route == null) {
      calls.gateways.answer(path, call);
    } else {
      calls.answer(path, route, call);
    }
  }

  private static void refuse(String path, String allow, String takes, Exchange call) {
    call.request().response().putHeader(HttpHeaders.ALLOW, allow);
    call.answer(
        Page.text(
            405,
            "%s takes %s, not %s\n"
                .formatted(path, takes, Quoted.line(call.request().method().name()))));
  }
}
