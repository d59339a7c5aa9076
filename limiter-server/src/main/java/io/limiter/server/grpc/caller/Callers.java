package io.limiter.server.grpc.caller;

import com.google.rpc.Status;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.limiter.server.access.AccessException;
import io.limiter.server.access.Asker;
import io.limiter.server.access.Askers;
import io.limiter.server.access.Origin;
import io.limiter.server.access.Shown;
import io.limiter.server.api.Failures;
import io.limiter.server.grpc.peer.Peer;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells who makes each call, by what the connection and the call's headers show, and ends with
 * UNAUTHENTICATED what shows something wrong. What a caller may do is judged later, by what it
 * asks.
 *
 * <p>A token that has to be verified takes a while, in which nothing of its call is read.
 */
public final class Callers implements ServerInterceptor {
  private static final Context.Key<Asker> ASKER = Context.key("limiter-asker");
  private static final Metadata.Key<String> AUTHORIZATION = header("authorization");
  private static final Metadata.Key<String> TOKEN = header("x-limiter-token");
  private static final Metadata.Key<String> TRACE = header("traceparent");

  private final Askers access;
  private final Supplier<Executor> eventLoop;
  private final Consumer<Asker> connected;

  /**
   * Callers.
   *
   * @param eventLoop where what is going on now on this thread goes on later
   * @param connected is told who makes a call on the connection that is being read on this thread;
   *     throws an {@link AccessException} if the caller may have no such connection
   */
  public Callers(Askers access, Supplier<Executor> eventLoop, Consumer<Asker> connected) {
    this.access = access;
    this.eventLoop = eventLoop;
    this.connected = connected;
  }

  private static Metadata.Key<String> header(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /**
   * Who makes the call that this thread is about.
   *
   * @throws IllegalStateException if nobody told: whoever forgets that lets nobody in
   */
  public static Asker current() {
    Asker asker = ASKER.get();
    if (asker == null) {
      throw new IllegalStateException("a call came by no interceptor");
    }
    return asker;
  }

  /**
   * The number of whoever makes the call that this thread is about.
   *
   * @param connection the one that counts if the caller has no name
   */
  public static int number(int connection) {
    Asker asker = ASKER.get();
    int named = asker == null ? 0 : asker.number();
    return named == 0 ? connection : named;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Shown shown = shown(call, headers);
    Asker known;
    Runnable over = null;
    try {
      known = access.known(shown);
      if (known != null) {
        connected.accept(known);
        over = known.begin();
      }
    } catch (AccessException refused) {
      end(call, refused);
      return new ServerCall.Listener<>() {};
    }
    if (known != null) {
      return begun(known, over, call, headers, next);
    }
    Pending<Q, A> pending = new Pending<>(call, headers, next, connected);
    Executor later = eventLoop.get();
    Context context = Context.current();
    var unused =
        access
            .verify(shown)
            .whenComplete(
                (asker, failure) ->
                    later.execute(
                        context.wrap(
                            () -> {
                              if (failure == null) {
                                pending.begin(asker);
                              } else {
                                pending.refuse(failure);
                              }
                            })));
    return pending;
  }

  /**
   * Begins a call.
   *
   * @param over to be run when it is over; null for nothing
   */
  private static <Q, A> ServerCall.Listener<Q> begun(
      Asker asker,
      @Nullable Runnable over,
      ServerCall<Q, A> call,
      Metadata headers,
      ServerCallHandler<Q, A> next) {
    Context context = Context.current().withValue(ASKER, asker);
    if (over == null) {
      return Contexts.interceptCall(context, call, headers, next);
    }
    try {
      return new Counted<>(Contexts.interceptCall(context, call, headers, next), over);
    } catch (RuntimeException | Error defect) {
      over.run();
      throw defect;
    }
  }

  private static Shown shown(ServerCall<?, ?> call, Metadata headers) {
    return new Shown(
        Peer.names(call),
        Shown.bearer(headers.get(TOKEN), headers.get(AUTHORIZATION)),
        Peer.uid(call),
        Origin.of(
            host(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)), headers.get(TRACE)));
  }

  private static @Nullable String host(@Nullable SocketAddress peer) {
    return peer instanceof InetSocketAddress internet && internet.getAddress() != null
        ? internet.getAddress().getHostAddress()
        : null;
  }

  private static void end(ServerCall<?, ?> call, Throwable failure) {
    Status status = Failures.status(failure);
    StatusRuntimeException told = StatusProto.toStatusRuntimeException(status);
    Metadata trailers = told.getTrailers();
    call.close(told.getStatus(), trailers == null ? new Metadata() : trailers);
  }

  /**
   * A call whose caller is not known yet. Used on its event loop alone. When it begins, what it
   * asks for may come before the one who hears of it is known here: that waits too.
   */
  private static final class Pending<Q, A> extends ServerCall.Listener<Q> {
    private final ServerCall<Q, A> call;
    private final Metadata headers;
    private final ServerCallHandler<Q, A> next;
    private final Consumer<Asker> connected;
    private final List<Consumer<ServerCall.Listener<Q>>> early = new ArrayList<>();
    private ServerCall.@Nullable Listener<Q> begun;
    private boolean over;

    Pending(
        ServerCall<Q, A> call,
        Metadata headers,
        ServerCallHandler<Q, A> next,
        Consumer<Asker> connected) {
      this.connected = connected;
      this.call = call;
      this.headers = headers;
      this.next = next;
    }

    void begin(Asker asker) {
      if (over) {
        return;
      }
      Runnable ended;
      try {
        connected.accept(asker);
        ended = asker.begin();
      } catch (AccessException refused) {
        refuse(refused);
        return;
      }
      ServerCall.Listener<Q> listener = begun(asker, ended, call, headers, next);
      // What is heard early may lead to more of it.
      for (int i = 0; i < early.size(); i++) {
        early.get(i).accept(listener);
      }
      early.clear();
      begun = listener;
    }

    void refuse(Throwable failure) {
      if (!over) {
        over = true;
        end(call, failure);
      }
    }

    private void hear(Consumer<ServerCall.Listener<Q>> event) {
      ServerCall.Listener<Q> listener = begun;
      if (listener == null) {
        early.add(event);
      } else {
        event.accept(listener);
      }
    }

    @Override
    public void onMessage(Q message) {
      hear(listener -> listener.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      hear(ServerCall.Listener::onHalfClose);
    }

    @Override
    public void onCancel() {
      over = true;
      hear(ServerCall.Listener::onCancel);
    }

    @Override
    public void onComplete() {
      over = true;
      hear(ServerCall.Listener::onComplete);
    }

    @Override
    public void onReady() {
      hear(ServerCall.Listener::onReady);
    }
  }

  /** A call that counts among those of its caller until its last answer is sent, or it is cut. */
  private static final class Counted<Q> extends SimpleForwardingServerCallListener<Q> {
    private final Runnable over;

    Counted(ServerCall.Listener<Q> to, Runnable over) {
      super(to);
      this.over = over;
    }

    @Override
    public void onCancel() {
      over.run();
      super.onCancel();
    }

    @Override
    public void onComplete() {
      over.run();
      super.onComplete();
    }
  }
}
