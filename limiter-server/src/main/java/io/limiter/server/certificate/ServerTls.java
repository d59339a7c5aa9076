package io.limiter.server.certificate;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * TLS of a port: 1.2 or 1.3. The files are read again when they change. Immutable.
 *
 * @param port what the port speaks, for messages: gRPC or HTTP
 * @param certificate a PEM file of the certificate, and of those that signed it
 * @param key a PEM file of its private key, not encrypted
 * @param clientCa a PEM file of the certificates that sign those of callers; empty if none is asked
 *     for
 * @param withoutCertificate whether callers may show none although they are asked for one; whoever
 *     shows one that is not good is refused in any case
 */
public record ServerTls(
    String port, Path certificate, Path key, Optional<Path> clientCa, boolean withoutCertificate) {
  /** As Java calls them. */
  public static final List<String> VERSIONS = List.of("TLSv1.2", "TLSv1.3");

  /** Callers must show a certificate if there is a {@code clientCa}. */
  public ServerTls(String port, Path certificate, Path key, Optional<Path> clientCa) {
    this(port, certificate, key, clientCa, /* withoutCertificate= */ false);
  }

  /** What files said. */
  public record Loaded(PemIdentity identity, Optional<ClientTrust> clients) {}

  /**
   * Checks that the files can be used.
   *
   * @throws UnusablePemException when one cannot; the message says why and what to do
   */
  public void check() throws UnusablePemException {
    read();
  }

  /**
   * What the files say now.
   *
   * @throws UnusablePemException when one cannot be used; the message says why and what to do
   */
  public Loaded read() throws UnusablePemException {
    PemIdentity identity = PemIdentity.read(certificate, key, port);
    return new Loaded(
        identity,
        clientCa.isEmpty()
            ? Optional.empty()
            : Optional.of(ClientTrust.read(clientCa.get(), port + "'s callers")));
  }

  /** Whether callers who show no certificate are refused. */
  public boolean refusesTheUnknown() {
    return clientCa.isPresent() && !withoutCertificate;
  }

  /** The same, asking callers for no certificate. */
  public ServerTls withoutClients() {
    return new ServerTls(port, certificate, key, Optional.empty());
  }

  List<Path> files() {
    return Stream.concat(Stream.of(certificate, key), clientCa.stream()).toList();
  }

  /**
   * Has a session not be taken up again if the other end showed a certificate. Whoever takes one up
   * shows none, so an expired one would be good for as long as sessions are kept.
   */
  public static void end(SSLSession session) {
    try {
      if (session.getPeerCertificates().length > 0) {
        session.invalidate();
      }
    } catch (SSLPeerUnverifiedException none) {
      // It is nobody's in particular.
    }
  }

  /** What the names of this port's options begin with. */
  String option() {
    return "--" + port.toLowerCase(Locale.ROOT) + "-tls-";
  }
}
