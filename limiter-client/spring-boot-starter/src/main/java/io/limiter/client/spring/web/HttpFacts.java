package io.limiter.client.spring.web;

import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;

/** What limits see of a request, whichever server took it. Null is what it does not have. */
interface HttpFacts {

  /** {@code GET} or another, as it was sent. */
  String method();

  /** Within the application: without the context path. */
  PathContainer path();

  /** Of who connected, which may be a proxy. */
  @Nullable String remoteAddress();

  /** The name of who is logged in. */
  @Nullable String principal();

  /** The first of that name. */
  @Nullable String header(String name);
}
