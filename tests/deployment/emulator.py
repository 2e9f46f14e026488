"""An emulated AWS account on this machine: ministack, over TLS and with permission checks."""

import contextlib
import datetime
import ipaddress
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

# To ministack these keys are the account's root user. It checks the policies of every other user.
ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
REGION = "us-east-1"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def certificate(directory):
    """Makes a certificate for this machine and its key. The template's queues and bucket refuse plain HTTP."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "taskway tests")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [
        x509.DNSName("localhost"),
        x509.DNSName("*.execute-api.localhost"),
        x509.DNSName(f"cognito-idp.{REGION}.amazonaws.com"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = directory / "certificate.pem", directory / "key.pem"
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem = serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, pem, serialization.NoEncryption()))
    return certificate, private


def clean_environment():
    """This process's environment without variables that lead programs to a real account or to other certificates."""
    unwanted = ("AWS_", "TASKWAY_", "SSL_", "MINISTACK_")
    also = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    return {k: v for k, v in os.environ.items() if not k.startswith(unwanted) and k not in also}


class Emulator:
    def __init__(self, executable, directory):
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.certificate, key = certificate(directory)
        self.log = directory / "ministack.log"
        trust = {"AWS_CA_BUNDLE": str(self.certificate), "SSL_CERT_FILE": str(self.certificate)}
        # The variables with which a program reaches the emulator. The access keys select the user.
        self.reach = {**trust, "AWS_ENDPOINT_URL": self.url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
        self.environment = {**clean_environment(), **self.reach, **ROOT, "AWS_EC2_METADATA_DISABLED": "true"}
        settings = {
            **clean_environment(),
            **trust,
            "AWS_ENDPOINT_URL": self.url,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "AUTH": "true",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(self.certificate),
            "MINISTACK_SSL_KEY": str(key),
            "TMPDIR": str(directory),
        }
        with open(self.log, "wb") as log:
            # It gets its own process group, so that the functions' processes, which are its children, end with it.
            self.process = subprocess.Popen(
                [executable], env=settings, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def wait_until_up(self, within=60):
        import ssl

        context = ssl.create_default_context(cafile=self.certificate)
        until = time.monotonic() + within
        while True:
            try:
                return urllib.request.urlopen(self.url + "/_ministack/health", timeout=5, context=context).read()
            except (urllib.error.URLError, OSError):
                if self.process.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"ministack did not come up:\n{self.log.read_text()[-3000:]}")
                time.sleep(0.2)

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


@contextlib.contextmanager
def emulator(executable):
    with tempfile.TemporaryDirectory(prefix="taskway-", ignore_cleanup_errors=True) as directory:
        running = Emulator(executable, pathlib.Path(directory))
        try:
            running.wait_until_up()
            yield running
        finally:
            running.stop()
