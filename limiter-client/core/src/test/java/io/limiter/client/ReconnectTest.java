package io.limiter.client;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A service that goes away and comes back, over real sockets. */
@Timeout(120)
final class ReconnectTest {
  private static final CheckRequest QUESTION = CheckRequest.in("edge");

  private final BlockingQueue<StreamFake> streams = new LinkedBlockingQueue<>();

  @Test
  void serviceThatComesBack_isAskedAgain() throws Exception {
    Server first = serve(0);
    int port = first.getPort();
    try (LimiterClient client =
        LimiterClient.to("127.0.0.1:" + port).deadline(ServiceFake.PATIENCE).build()) {
      CheckStream stream = client.stream();
      CompletableFuture<Decision> waiting = stream.check(QUESTION);
      ServiceFake.next(ServiceFake.next(streams).questions);
      first.shutdownNow().awaitTermination();
      assertInstanceOf(Decision.Unreachable.class, waiting.join());
      assertInstanceOf(Decision.Unreachable.class, client.check(QUESTION));
      assertInstanceOf(Decision.Unreachable.class, stream.check(QUESTION).join());

      Server second = serve(port);
      try {
        Decision decision = client.check(QUESTION);
        while (decision instanceof Decision.Unreachable) {
          decision = client.check(QUESTION);
        }
        assertInstanceOf(Decision.Admitted.class, decision);
        CompletableFuture<Decision> streamed = stream.check(QUESTION);
        StreamFake call = ServiceFake.next(streams);
        call.answer(ServiceFake.next(call.questions), ServiceFake.denied());
        assertInstanceOf(Decision.Denied.class, streamed.join());
        assertTrue(streams.isEmpty() && call.questions.isEmpty(), "something was sent again");
      } finally {
        second.shutdownNow().awaitTermination();
      }
    } finally {
      first.shutdownNow();
    }
  }

  private Server serve(int port) throws IOException {
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .addService(
            new RateLimiterGrpc.RateLimiterImplBase() {
              @Override
              public void checkAndConsume(
                  CheckAndConsumeRequest question,
                  StreamObserver<CheckAndConsumeResponse> replies) {
                replies.onNext(ServiceFake.admitted());
                replies.onCompleted();
              }

              @Override
              public StreamObserver<CheckAndConsumeRequest> checkAndConsumeStream(
                  StreamObserver<CheckAndConsumeResponse> replies) {
                StreamFake stream =
                    new StreamFake((ServerCallStreamObserver<CheckAndConsumeResponse>) replies);
                streams.add(stream);
                return stream;
              }
            })
        .build()
        .start();
  }
}
