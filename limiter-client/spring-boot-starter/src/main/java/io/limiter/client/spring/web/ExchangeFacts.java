package io.limiter.client.spring.web;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** Of a request to WebFlux. */
record ExchangeFacts(ServerHttpRequest request, @Nullable String principal) implements HttpFacts {

  @Override
  public String method() {
    return request.getMethod().name();
  }

  @Override
  public PathContainer path() {
    return request.getPath().pathWithinApplication();
  }

  @Override
  public @Nullable String remoteAddress() {
    InetSocketAddress remote = request.getRemoteAddress();
    InetAddress address = remote == null ? null : remote.getAddress();
    return address == null ? null : address.getHostAddress();
  }

  @Override
  public @Nullable String header(String name) {
    return request.getHeaders().getFirst(name);
  }
}
