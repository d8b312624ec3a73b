"""Connections between the nodes of a cluster and its servers that tests can cut.  Standard library only.

    with Places() as places:                     # in network namespaces where this may be done, else on the loopback alone
        place = places.new()
        place.dress(node)                        # the program of this node runs there
        url = place.url(pg.url, pg.port)         # the same server, seen from there
        place.silence(pg.port)                   # packets vanish, nobody is told
        place.heal()
        place.reset(pg.port)                     # connections break; new ones are refused until heal()
"""
import os
import shutil
import socket
import subprocess
import threading


class Wire:
    """Passes bytes on from a port of its own to a server on 127.0.0.1."""

    def __init__(self, host, port):
        self.to = port
        self.open, self.refuses = threading.Event(), False
        self.open.set()
        self.pairs, self.lock = [], threading.Lock()
        self.listener = socket.create_server((host, 0))
        self.host, self.port = self.listener.getsockname()[:2]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()
        self.open.set()
        self.drop()

    def drop(self):
        """Breaks what is connected."""
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for s in pair:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            try:
                if self.refuses:
                    raise ConnectionRefusedError
                there = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                client.close()
                continue
            with self.lock:
                self.pairs.append((client, there))
            for pair in ((client, there), (there, client)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source, target):
        try:
            while data := source.recv(65536):
                self.open.wait()
                target.sendall(data)
        except OSError:
            pass
        for s in (source, target):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Place:
    """Where a node stands; number: of the network 10.77.number.0/30 between it and the servers."""

    def __init__(self, number, namespace):
        self.namespace, self.number, self.wires, self.cuts = namespace, number, {}, []
        self.host = "10.77.%d.1" % number if namespace else "127.0.0.1"
        if namespace:
            self._make()

    def _make(self):
        here, there = self.namespace + "h", self.namespace + "n"
        ip("netns", "add", self.namespace)
        try:
            ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", self.namespace)
            ip("address", "add", self.host + "/30", "dev", here)
            ip("link", "set", here, "up")
            ip("-n", self.namespace, "address", "add", "10.77.%d.2/30" % self.number, "dev", there)
            for device in (there, "lo"):
                ip("-n", self.namespace, "link", "set", device, "up")
            # servers have the addresses there that they have here: keys go to the loopback alone without encryption
            ip("netns", "exec", self.namespace, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet")
            self._iptables("-t", "nat", "-A", "POSTROUTING", "-o", there, "-j", "MASQUERADE")
        except subprocess.CalledProcessError:
            ip("netns", "delete", self.namespace)
            raise

    def close(self):
        for wire in self.wires.values():
            wire.close()
        if self.namespace:
            ip("netns", "delete", self.namespace)

    def dress(self, node):
        """This program runs here from now on."""
        if not self.namespace:
            return
        script = os.path.join(node.directory, "in-namespace")
        with open(script, "w", encoding="ascii") as f:
            f.write('#!/bin/sh\nexec ip netns exec %s "%s" "$@"\n' % (self.namespace, node.binary))
        os.chmod(script, 0o755)
        node.binary = script

    def url(self, url, port):
        """The address of a server on 127.0.0.1, seen from here."""
        if port not in self.wires:
            self.wires[port] = Wire(self.host, port)
            if self.namespace:
                self._iptables("-t", "nat", "-A", "OUTPUT", "-p", "tcp", "-d", "127.0.0.1", "--dport", str(port), "-j", "DNAT",
                               "--to-destination", "%s:%d" % (self.host, self.wires[port].port))
        return url if self.namespace else url.replace("127.0.0.1:%d" % port, "127.0.0.1:%d" % self.wires[port].port)

    def silence(self, *ports):
        """Packets to and from these servers vanish."""
        for port in ports:
            wire = self.wires[port]
            if not self.namespace:
                wire.open.clear()
                continue
            for table, chain, side in (("filter", "OUTPUT", "--dport"), ("raw", "PREROUTING", "--sport")):
                rule = (chain, "-p", "tcp", side, str(wire.port), "-j", "DROP")
                self._iptables("-t", table, "-A", *rule)
                self.cuts.append((table, rule))

    def reset(self, *ports):
        for port in ports:
            self.wires[port].refuses = True
            self.wires[port].drop()

    def swallowed(self):
        """Packets that have vanished by now; None: nobody counts them here."""
        if not self.namespace:
            return None
        rules = "".join(self._iptables("-t", table, "-vnxL") for table in ("filter", "raw"))
        return sum(int(line.split()[0]) for line in rules.splitlines() if " DROP " in line and line.split()[0].isdigit())

    def heal(self):
        while self.cuts:
            table, rule = self.cuts.pop()
            self._iptables("-t", table, "-D", *rule)
        for wire in self.wires.values():
            wire.refuses = False
            wire.open.set()

    def _iptables(self, *words):
        return ip("netns", "exec", self.namespace, "iptables", "-w", *words)


def ip(*words):
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


class Places:
    """Places of nodes; `namespaces` says whether they are real ones."""

    def __init__(self):
        self.made = []
        self.namespaces = os.geteuid() == 0 and all(shutil.which(name) for name in ("ip", "iptables"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for place in self.made:
            place.close()

    def new(self):
        """A place that no other test has, of this process or another."""
        for number in range(1, 250) if self.namespaces else ():
            name = "tubeops%d" % number
            if os.path.exists("/run/netns/" + name):
                continue
            try:
                place = Place(number, name)
                place._iptables("-L")
            except subprocess.CalledProcessError:
                continue
            self.made.append(place)
            return place
        self.namespaces = False
        self.made.append(Place(0, None))
        return self.made[-1]
