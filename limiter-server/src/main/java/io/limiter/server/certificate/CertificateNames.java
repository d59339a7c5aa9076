package io.limiter.server.certificate;

import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Who a certificate is for: its subject alternative names that are URIs, SPIFFE ids among them, and
 * DNS names. Never its common name, which authorities may fill as they like. Safe to use from any
 * thread.
 */
public final class CertificateNames {
  /** More names than this are left out. */
  static final int MOST_NAMES = 64;

  /** What is longer is left out; a SPIFFE id has at most this. In characters. */
  static final int MOST_CHARACTERS = 2048;

  private static final int DNS = 2;
  private static final int URI = 6;

  /** So a DNS name never looks like a URI, or the other way round. */
  private static final Pattern DNS_NAME = Pattern.compile("[A-Za-z0-9_*][A-Za-z0-9_.-]*");

  private static final Pattern URI_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:[\\x21-\\x7e]+");

  /** Under which a session keeps the names. */
  private static final String KEPT = "io.limiter.certificate-names";

  private CertificateNames() {}

  /**
   * The names of the other end, read out of its certificate once for each session.
   *
   * @return the URIs and then the DNS names, as they stand in the certificate and without those
   *     that stand there twice; DNS names in lower case; at most {@value #MOST_NAMES}; empty when
   *     it showed no certificate
   */
  public static List<String> of(SSLSession session) {
    if (session.getValue(KEPT) instanceof Kept kept) {
      return kept.names();
    }
    List<String> names = read(session);
    session.putValue(KEPT, new Kept(names));
    return names;
  }

  private static List<String> read(SSLSession session) {
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate shown ? of(shown) : List.of();
    } catch (SSLPeerUnverifiedException none) {
      return List.of();
    }
  }

  /**
   * The names in a certificate, likewise. Those are left out that are no URIs or DNS names of
   * printable ASCII, or longer than {@value #MOST_CHARACTERS} characters. Empty when they cannot be
   * read.
   */
  public static List<String> of(X509Certificate certificate) {
    Collection<List<?>> alternatives;
    try {
      alternatives = certificate.getSubjectAlternativeNames();
    } catch (CertificateParsingException unreadable) {
      return List.of();
    }
    return alternatives == null ? List.of() : of(alternatives);
  }

  /** Each has its kind and its value, as Java gives them. */
  static List<String> of(Collection<? extends List<?>> alternatives) {
    Set<String> uris = new LinkedHashSet<>();
    Set<String> hosts = new LinkedHashSet<>();
    for (List<?> one : alternatives) {
      if (one.get(0) instanceof Integer kind && one.get(1) instanceof String value) {
        name(kind, value).ifPresent((kind == URI ? uris : hosts)::add);
      }
    }
    List<String> names = new ArrayList<>(uris);
    names.addAll(hosts);
    return List.copyOf(names.subList(0, Math.min(names.size(), MOST_NAMES)));
  }

  private static Optional<String> name(int kind, @Nullable String value) {
    if (value == null || value.length() > MOST_CHARACTERS) {
      return Optional.empty();
    }
    if (kind == URI) {
      return Optional.of(value).filter(uri -> URI_NAME.matcher(uri).matches());
    }
    return kind == DNS
        ? Optional.of(value)
            .filter(host -> DNS_NAME.matcher(host).matches())
            .map(host -> host.toLowerCase(Locale.ROOT))
        : Optional.empty();
  }

  private record Kept(List<String> names) {}
}
