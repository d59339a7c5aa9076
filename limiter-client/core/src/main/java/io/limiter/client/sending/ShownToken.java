package io.limiter.client.sending;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Shows the service a token with each call. A call for which there is none is not sent, and fails
 * as one that the service refused. Safe to use from any thread, if the supplier is.
 */
public final class ShownToken implements ClientInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Supplier<String> token;

  /** Shows what the supplier returns, each time anew. */
  public ShownToken(Supplier<String> token) {
    this.token = token;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new ClientInterceptors.CheckedForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      protected void checkedStart(Listener<A> responses, Metadata headers) throws StatusException {
        headers.put(AUTHORIZATION, "Bearer " + current());
        delegate().start(responses, headers);
      }
    };
  }

  private String current() throws StatusException {
    String current;
    try {
      current = token.get();
    } catch (RuntimeException e) {
      throw Status.UNAUTHENTICATED
          .withDescription("not asked: the supplier of the token failed; mend it")
          .withCause(e)
          .asException();
    }
    if (!isToken(current)) {
      throw Status.UNAUTHENTICATED
          .withDescription("not asked: the token is empty, or not of ASCII letters; supply one")
          .asException();
    }
    return current;
  }

  private static boolean isToken(@Nullable String text) {
    return text != null
        && !text.isEmpty()
        && text.chars().allMatch(letter -> letter > ' ' && letter < 0x7F);
  }
}
