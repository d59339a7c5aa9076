package io.limiter.client.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.grpc.Status;
import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.http.HttpLimit;
import io.limiter.client.testing.FakeLimiter;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The filter in a real server: what its callers get, and how often the service is asked. */
@Timeout(120)
class RateLimitFilterTest {
  @TempDir Path folder;

  private final FakeLimiter fake = FakeLimiter.start();
  private final List<AutoCloseable> closing = new ArrayList<>(List.of(fake));
  private final HttpClient browser = HttpClient.newHttpClient();
  private final List<String> dispatched = new CopyOnWriteArrayList<>();
  private int port;

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : closing) {
      each.close();
    }
  }

  private static Optional<CheckRequest> byPath(HttpServletRequest http) {
    return http.getRequestURI().startsWith("/free")
        ? Optional.empty()
        : Optional.of(CheckRequest.in("edge").attribute("path", http.getRequestURI()));
  }

  /** Serves every kind of dispatch behind filters that are mapped to all of them. */
  private void serve(RateLimitFilter... filters) throws Exception {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", InetAddress.getLoopbackAddress().getHostAddress());
    Context context = tomcat.addContext("", folder.toString());
    for (RateLimitFilter filter : filters) {
      FilterDef definition = new FilterDef();
      definition.setFilterName("limit-" + context.findFilterDefs().length);
      definition.setFilter(filter);
      definition.setAsyncSupported("true");
      context.addFilterDef(definition);
      FilterMap map = new FilterMap();
      map.setFilterName(definition.getFilterName());
      map.addURLPattern("/*");
      for (DispatcherType type : DispatcherType.values()) {
        map.setDispatcher(type.name());
      }
      context.addFilterMap(map);
    }
    Wrapper wrapper = Tomcat.addServlet(context, "dispatching", new Dispatching());
    wrapper.setAsyncSupported(true);
    wrapper.addMapping("/");
    ErrorPage page = new ErrorPage();
    page.setErrorCode(418);
    page.setLocation("/error");
    context.addErrorPage(page);
    tomcat.start();
    closing.add(tomcat::destroy);
    closing.add(0, tomcat::stop);
    port = tomcat.getConnector().getLocalPort();
  }

  private RateLimitFilter filter(
      LimiterClient limiter, UnaryOperator<RateLimitFilter.Builder> settings) {
    return settings
        .apply(RateLimitFilter.builder(limiter).request(RateLimitFilterTest::byPath))
        .build();
  }

  private RateLimitFilter filter() {
    return filter(fake.client(), settings -> settings);
  }

  private LimiterClient client(OnUnreachable policy) {
    LimiterClient client =
        LimiterClient.over(fake.channel())
            .deadline(Duration.ofMinutes(1))
            .onUnreachable(policy)
            .build();
    closing.add(client);
    return client;
  }

  private HttpResponse<String> get(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
    return browser.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static Optional<String> header(HttpResponse<?> response, String name) {
    List<String> values = response.headers().allValues(name);
    assertTrue(values.size() <= 1, () -> name + ": " + values);
    return values.stream().findFirst();
  }

  private final class Dispatching extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException, jakarta.servlet.ServletException {
      dispatched.add(request.getDispatcherType() + " " + request.getServletPath());
      switch (request.getServletPath()) {
        case "/teapot", "/free/teapot" -> response.sendError(418);
        case "/error" -> request.getRequestDispatcher("/page").forward(request, response);
        case "/forward", "/free/forward" ->
            request.getRequestDispatcher("/page").forward(request, response);
        case "/include" -> {
          // Who is included sees the path of who includes it.
          if (request.getDispatcherType() == DispatcherType.REQUEST) {
            request.getRequestDispatcher("/page").include(request, response);
          }
        }
        case "/async" -> {
          AsyncContext async = request.startAsync();
          async.dispatch("/page");
        }
        default -> response.getWriter().write("served");
      }
    }
  }

  @Test
  void whatIsAdmitted_isServed_andToldWhereItStands() throws Exception {
    fake.limit("per \"path\" é", 3, Duration.ofSeconds(60), "path");
    serve(filter());
    HttpResponse<String> response = get("/a");
    assertEquals(200, response.statusCode());
    assertEquals("served", response.body());
    String name = "per \"path\" %C3%A9";
    assertEquals(
        Map.of(name, Map.of("q", 3L, "w", 60L)),
        StructuredField.list(header(response, "RateLimit-Policy").orElseThrow()));
    assertEquals(
        Map.of(name, Map.of("r", 2L, "t", 60L)),
        StructuredField.list(header(response, "RateLimit").orElseThrow()));
    assertEquals(Optional.of("3"), header(response, "X-RateLimit-Limit"));
    assertEquals(Optional.of("2"), header(response, "X-RateLimit-Remaining"));
    assertEquals(Optional.of("60"), header(response, "X-RateLimit-Reset"));
    assertEquals(Optional.empty(), header(response, "Retry-After"));
    assertEquals(Map.of("path", "/a"), fake.asked().get(0).attributes());
  }

  @Test
  void whatIsDenied_isNotServed_andToldWhenToComeAgain() throws Exception {
    fake.limit("per-path", 1, Duration.ofSeconds(60), "path");
    fake.advance(Duration.ofMillis(1));
    serve(filter());
    get("/a");
    dispatched.clear();
    HttpResponse<String> response = get("/a");
    assertEquals(429, response.statusCode());
    assertEquals(List.of(), dispatched);
    assertEquals(Optional.of("60"), header(response, "Retry-After"));
    assertEquals(
        Map.of("per-path", Map.of("r", 0L, "t", 60L)),
        StructuredField.list(header(response, "RateLimit").orElseThrow()));
    assertEquals(Optional.of("application/problem+json"), header(response, "Content-Type"));
    assertEquals(
        JsonParser.parseString(
            """
            {"type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
             "title": "Request cannot be satisfied as assigned quota has been exceeded",
             "status": 429, "violated-policies": ["per-path"]}
            """),
        JsonParser.parseString(response.body()));
  }

  @Test
  void whatWouldNeverBeAdmitted_isNotToldToComeAgain() throws Exception {
    fake.denyForever();
    serve(filter());
    HttpResponse<String> response = get("/a");
    assertEquals(429, response.statusCode());
    assertEquals(Optional.empty(), header(response, "Retry-After"));
  }

  @Test
  void whatIsNotLimited_isNotAskedAbout() throws Exception {
    serve(filter());
    assertEquals(200, get("/free").statusCode());
    assertEquals(List.of(), fake.asked());
  }

  @Test
  void withoutAnAnswer_OPEN_serves() throws Exception {
    fake.fail(Status.UNAVAILABLE);
    serve(filter(client(OnUnreachable.OPEN), settings -> settings));
    HttpResponse<String> response = get("/a");
    assertEquals(200, response.statusCode());
    assertEquals(Optional.empty(), header(response, "RateLimit"));
  }

  @Test
  void withoutAnAnswer_CLOSED_isUnavailable_andSaysNotWhy() throws Exception {
    fake.fail(Status.UNAVAILABLE.withDescription("10.1.2.3 is away"));
    serve(filter(client(OnUnreachable.CLOSED), settings -> settings));
    HttpResponse<String> response = get("/a");
    assertEquals(503, response.statusCode());
    assertEquals(List.of(), dispatched);
    assertEquals(Optional.empty(), header(response, "Retry-After"));
    assertEquals(
        "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",
        JsonParser.parseString(response.body()).getAsJsonObject().get("type").getAsString());
    assertFalse(response.body().contains("10.1.2.3"), response.body());
    assertEquals(Optional.empty(), header(response, "X-RateLimit-Limit"));
  }

  @Test
  void aMistake_doesNotOpenTheGate() throws Exception {
    fake.fail(Status.INVALID_ARGUMENT);
    serve(filter());
    assertEquals(500, get("/a").statusCode());
    assertFalse(dispatched.contains("REQUEST /a"), () -> "" + dispatched);
  }

  @Test
  void errors_forwards_includes_andAsyncResults_areChargedOnce() throws Exception {
    serve(filter());
    Map<String, List<String>> paths =
        Map.of(
            "/teapot", List.of("REQUEST /teapot", "ERROR /error", "ERROR /page"),
            "/forward", List.of("REQUEST /forward", "FORWARD /page"),
            "/include", List.of("REQUEST /include", "INCLUDE /include"),
            "/async", List.of("REQUEST /async", "ASYNC /page"));
    int asked = 0;
    for (Map.Entry<String, List<String>> path : paths.entrySet()) {
      dispatched.clear();
      get(path.getKey());
      assertEquals(path.getValue(), dispatched);
      assertEquals(++asked, fake.asked().size(), path.getKey());
      assertEquals(Map.of("path", path.getKey()), fake.asked().get(asked - 1).attributes());
    }
  }

  @Test
  void aForwardToWhatIsLimited_isAskedAbout() throws Exception {
    serve(filter());
    assertEquals(200, get("/free/forward").statusCode());
    assertEquals(1, fake.asked().size());
    assertEquals(Map.of("path", "/page"), fake.asked().get(0).attributes());
  }

  @Test
  void anErrorPage_isNotAskedAbout_alsoOfWhatIsNotLimited() throws Exception {
    serve(filter());
    assertEquals(418, get("/free/teapot").statusCode());
    assertEquals(List.of("REQUEST /free/teapot", "ERROR /error", "ERROR /page"), dispatched);
    assertEquals(List.of(), fake.asked());
  }

  @Test
  void eachFilter_asksForItself() throws Exception {
    serve(filter(), filter());
    assertEquals(200, get("/a").statusCode());
    assertEquals(2, fake.asked().size());
  }

  @Test
  void aShortDelay_isWaitedFor_andALongOneDeniedAndGivenBack() throws Exception {
    Duration delay = Duration.ofMillis(20);
    serve(
        RateLimitFilter.builder(fake.client())
            .request(http -> Optional.of(CheckRequest.in("edge").receipt()))
            .longestDelay(delay)
            .build());
    fake.admit(delay).admit(delay.plusNanos(1));
    long start = System.nanoTime();
    assertEquals(200, get("/a").statusCode());
    assertTrue(System.nanoTime() - start >= delay.toNanos());
    assertEquals(0, fake.refunded());
    HttpResponse<String> response = get("/a");
    assertEquals(429, response.statusCode());
    assertEquals(Optional.of("1"), header(response, "Retry-After"));
    while (fake.refunded() == 0) {
      assertFalse(Thread.interrupted(), "never given back");
      Thread.onSpinWait();
    }
    assertEquals(1, fake.refunded());
  }

  @Test
  void theDenial_canBeWrittenByTheUser_andHeadersLeftOut() throws Exception {
    serve(
        filter(
            fake.client(),
            settings ->
                settings
                    .headersOnAdmitted(false)
                    .denialResponse(
                        (request, response, denial) ->
                            response.getWriter().write("slow down " + denial.status()))));
    assertEquals(Optional.empty(), header(get("/a"), "RateLimit"));
    fake.deny(Duration.ofSeconds(2));
    HttpResponse<String> response = get("/a");
    assertEquals(429, response.statusCode());
    assertEquals("slow down 429", response.body());
    assertEquals(Optional.of("2"), header(response, "Retry-After"));
  }

  @Test
  void settingsThatMakeNoSense_areRefusedWithTheRemedy() {
    var nothing = RateLimitFilter.builder(fake.client());
    assertEquals(
        "the filter does not know what to ask; call request(http -> …)",
        assertThrows(IllegalStateException.class, nothing::build).getMessage());
    var negative =
        RateLimitFilter.builder(fake.client())
            .request(RateLimitFilterTest::byPath)
            .longestDelay(Duration.ofSeconds(-1));
    assertEquals(
        "longest delay PT-1S is not within 0 and PT1H; pass what a caller will wait for",
        assertThrows(IllegalArgumentException.class, negative::build).getMessage());
  }

  @Test
  void theExampleOfThePage_isTheOneHere_andAsksByAddress() throws Exception {
    serve(FilterExample.filter(fake.client()));
    assertEquals(200, get("/a").statusCode());
    assertEquals(Map.of("ip", "127.0.0.1"), fake.asked().get(0).attributes());
    String page = Files.readString(Path.of("..", "..", "docs", "java-client.md"));
    Path source = Path.of("src/test/java/io/limiter/client/servlet/FilterExample.java");
    String example = Files.readString(source).replaceAll("(?m)^    ", "");
    String shown = page.substring(page.indexOf("RateLimitFilter filter ="));
    assertTrue(example.contains(shown.substring(0, shown.indexOf("```"))), shown);
  }

  @Test
  void askedWithoutAThread_theDelayIsKeptToo() {
    HttpLimit limit = new HttpLimit(fake.client(), Duration.ofMillis(20));
    CheckRequest question = CheckRequest.in("edge");
    assertTrue(limit.askAsync(question).join().allowed());
    fake.admit(Duration.ofMillis(20)).admit(Duration.ofMillis(21));
    long start = System.nanoTime();
    assertTrue(limit.askAsync(question).join().allowed());
    assertTrue(System.nanoTime() - start >= Duration.ofMillis(20).toNanos());
    assertFalse(limit.askAsync(question).join().allowed());
  }
}
