/**
 * TLS of the ports: the PEM files of certificates, read, checked and watched; whom they trust; who
 * came.
 */
@NullMarked
package io.limiter.server.certificate;

import org.jspecify.annotations.NullMarked;
