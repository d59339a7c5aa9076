package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.ResetResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands show a service of who asks. */
class TokenShownTest {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir Path folder;
  private final List<String> shown = Collections.synchronizedList(new ArrayList<>());

  /** Knows one token. */
  private final class Guarded implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      String token = String.valueOf(headers.get(AUTHORIZATION));
      shown.add(token);
      if (token.equals("Bearer shop.secret")) {
        return next.startCall(call, headers);
      }
      call.close(Status.UNAUTHENTICATED.withDescription("the token is not valid"), new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }

  private static final class Service extends RateLimiterGrpc.RateLimiterImplBase {
    @Override
    public void reset(ResetRequest request, StreamObserver<ResetResponse> to) {
      to.onNext(ResetResponse.newBuilder().setCountersReset(1).build());
      to.onCompleted();
    }
  }

  @Test
  void aCallOfTheService_showsTheTokenOfTheFile_elseOfTheVariable() throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "shop.secret\n");
    Server server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(ServerInterceptors.intercept(new Service(), new Guarded()))
            .build()
            .start();
    String target = "127.0.0.1:" + server.getPort();
    String[] reset = {"reset", "--target", target, "--deadline", "30s", "--domain", "a", "b=c"};
    try {
      CommandRun none = CommandRun.of(reset);
      assertEquals(2, none.exitCode());
      assertEquals(
          "limiter: "
              + target
              + " does not know who asks: the token is not valid; name a file with the token by"
              + " --token-file"
              + System.lineSeparator(),
          none.err());
      assertEquals(0, CommandRun.with(Map.of("LIMITER_TOKEN", "shop.secret"), reset).exitCode());
      Map<String, String> both =
          Map.of("LIMITER_TOKEN", "shop.other", "LIMITER_TOKEN_FILE", file.toString());
      assertEquals(0, CommandRun.with(both, reset).exitCode());
      assertEquals(List.of("null", "Bearer shop.secret", "Bearer shop.secret"), shown);
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void thePageOfRules_isAskedWithTheToken() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/rules",
        exchange -> {
          String token = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
          shown.add(token);
          exchange.sendResponseHeaders(token.equals("null") ? 401 : 403, -1);
          exchange.close();
        });
    server.start();
    String target = "127.0.0.1:" + server.getAddress().getPort();
    String[] rules = {"rules", "--http-target", target, "--deadline", "30s"};
    try {
      String refused =
          "limiter: %s refused to show its rules, %s; name a token that is granted rules with"
              + " --token-file"
              + System.lineSeparator();
      CommandRun none = CommandRun.of(rules);
      assertEquals(2, none.exitCode());
      assertEquals(refused.formatted(target, "since nothing valid shows who asks"), none.err());
      CommandRun other = CommandRun.with(Map.of("LIMITER_TOKEN", "shop.secret"), rules);
      assertEquals(refused.formatted(target, "since this caller may not"), other.err());
      assertEquals(List.of("null", "Bearer shop.secret"), shown);
    } finally {
      server.stop(0);
    }
  }
}
