package io.limiter.server.grpc;

import com.google.rpc.Status;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;

/**
 * The end of a call that got no response. Without a stack: a service that refuses much has more to
 * do than to write down from where.
 */
final class Ended extends StatusRuntimeException {
  private static final long serialVersionUID = 1L;

  /** As StatusProto names it, which makes an exception to hold it. */
  private static final Metadata.Key<Status> DETAILS =
      Metadata.Key.of(
          "grpc-status-details-bin", ProtoUtils.metadataMarshaller(Status.getDefaultInstance()));

  private Ended(io.grpc.Status status, Metadata trailers) {
    super(status, trailers);
  }

  /** With the details of the status in the trailers. */
  static Ended by(Status status) {
    Metadata trailers = new Metadata();
    trailers.put(DETAILS, status);
    return new Ended(
        io.grpc.Status.fromCodeValue(status.getCode()).withDescription(status.getMessage()),
        trailers);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
