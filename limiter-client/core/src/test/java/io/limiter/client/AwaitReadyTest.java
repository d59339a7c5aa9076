package io.limiter.client;

import static io.limiter.client.ServiceFake.PATIENCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class AwaitReadyTest {
  private static final InetAddress HOME = InetAddress.getLoopbackAddress();

  private final AtomicInteger questions = new AtomicInteger();

  private Server serve(int port) throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress(HOME, port))
        .addService(
            new RateLimiterGrpc.RateLimiterImplBase() {
              @Override
              public void checkAndConsumeBatch(
                  CheckAndConsumeBatchRequest batch,
                  StreamObserver<CheckAndConsumeBatchResponse> replies) {
                questions.addAndGet(batch.getRequestsCount());
                replies.onNext(CheckAndConsumeBatchResponse.getDefaultInstance());
                replies.onCompleted();
              }
            })
        .build()
        .start();
  }

  @Test
  void aServiceThatComesUpLater_isWaitedFor_andChargesNothing() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, HOME)) {
      port = free.getLocalPort();
    }
    try (LimiterClient client = LimiterClient.to("127.0.0.1:" + port).build()) {
      UnreachableException away =
          assertThrows(UnreachableException.class, () -> client.awaitReady(Duration.ofMillis(200)));
      assertTrue(
          away.toString().contains("the service was not ready within 200 ms: "), away::toString);
      CompletableFuture<Void> ready =
          CompletableFuture.runAsync(() -> client.awaitReady(PATIENCE.multipliedBy(2)));
      Server server = serve(port);
      try {
        ready.join();
        client.awaitReady(PATIENCE);
        assertEquals(0, questions.get());
      } finally {
        server.shutdownNow();
      }
    }
  }

  @Test
  void anotherServiceAtTheTarget_isRefused_notWaitedFor() throws Exception {
    Server other = NettyServerBuilder.forAddress(new InetSocketAddress(HOME, 0)).build().start();
    try (LimiterClient client = LimiterClient.to("127.0.0.1:" + other.getPort()).build()) {
      assertThrows(RefusedException.class, () -> client.awaitReady(PATIENCE));
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void anHttpPort_isSaidToBeOne() throws Exception {
    HttpServer web = HttpServer.create(new InetSocketAddress(HOME, 0), 0);
    web.start();
    try (LimiterClient client =
        LimiterClient.to("127.0.0.1:" + web.getAddress().getPort()).build()) {
      UnreachableException wrong =
          assertThrows(UnreachableException.class, () -> client.awaitReady(Duration.ofSeconds(3)));
      assertTrue(wrong.toString().contains("the target speaks HTTP/1, not gRPC"), wrong::toString);
    } finally {
      web.stop(0);
    }
  }

  @Test
  void anInterruptedThread_stopsWaitingAndStaysInterrupted() throws Exception {
    try (LimiterClient client = LimiterClient.to("127.0.0.1:1").build()) {
      CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
      Thread waiting =
          new Thread(
              () -> {
                assertThrows(UnreachableException.class, () -> client.awaitReady(PATIENCE));
                interrupted.complete(Thread.currentThread().isInterrupted());
              });
      waiting.start();
      waiting.interrupt();
      assertTrue(interrupted.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }
  }
}
