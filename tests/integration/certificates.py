"""A certificate authority of the tests' own, by the program openssl.

    ca = Authority(directory)
    ca.certificate                          # its own, to be trusted
    ca.issue(["localhost", "127.0.0.1"])    # -> Certificate: .certificate .key .ca, paths of PEM files
    ca.issue(["127.0.0.1"], expired=True)
"""
import os
import subprocess
import time

from servers import find_program


class Certificate:
    def __init__(self, certificate, key, ca):
        self.certificate, self.key, self.ca = certificate, key, ca


class Authority:
    def __init__(self, directory, name="tests"):
        self.directory = os.path.join(str(directory), "ca-" + name)
        os.makedirs(self.directory)
        os.chmod(self.directory, 0o755)
        self.count = 0
        self.certificate, self.key = self._path("ca.pem"), self._path("ca.key")
        self._openssl("req", "-x509", *self._new_key(self.key), "-subj", "/CN=CA of " + name, "-days", "30",
                      "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign",
                      "-out", self.certificate)

    def issue(self, names, expired=False):
        self.count += 1
        key, request, extensions, made = (self._path("%d.%s" % (self.count, end)) for end in ("key", "csr", "ext", "pem"))
        with open(extensions, "w") as f:
            f.write("basicConstraints=critical,CA:FALSE\nsubjectAltName=" + ",".join(
                ("IP:" if name.replace(".", "").isdigit() else "DNS:") + name for name in names))
        self._openssl("req", *self._new_key(key), "-subj", "/CN=" + names[0], "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                      "-days", "0" if expired else "10", "-extfile", extensions, "-out", made)
        if expired:
            time.sleep(1.1)  # no second is left of it
        os.chmod(key, 0o644)  # servers run as users of their own
        return Certificate(made, key, self.certificate)

    def _path(self, name):
        return os.path.join(self.directory, name)

    @staticmethod
    def _new_key(path):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path]

    @staticmethod
    def _openssl(*words):
        subprocess.run([find_program("openssl")] + list(words), check=True, capture_output=True, timeout=60)
