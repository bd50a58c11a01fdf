# A stand-in for nixpkgs where its cache cannot be reached: the few attributes that the flake uses, over this machine's own
# bash, coreutils and Python. machine.json beside it (written by the test) says where Python and the wheels are.
{
  outputs =
    { self }:
    let
      system = "x86_64-linux";
      machine = builtins.fromJSON (builtins.readFile ./machine.json);
      host = { outPath = "/usr"; };
      pkgs = rec {
        python313 = { outPath = machine.python; };
        binutils = host;
        git = host;
        cacert = runCommand "certificates" { } ''
          mkdir -p $out/etc/ssl/certs
          cp /etc/ssl/certs/ca-certificates.crt $out/etc/ssl/certs/ca-bundle.crt
        '';
        stdenv.cc.cc.lib = runCommand "no-libraries" { } "mkdir $out"; # the host's are found without
        lib.makeLibraryPath = builtins.concatStringsSep ":";

        runCommand =
          name: variables: script:
          derivation (
            removeAttrs variables [ "nativeBuildInputs" ]
            // {
              inherit name system;
              builder = "/bin/bash";
              # Without the last line bash would become the last command, which Nix 2.8 then takes for a killed builder.
              args = [ "-euo" "pipefail" "-c" "${script}\nexit 0" ];
              PATH = builtins.concatStringsSep ":" (
                map (package: "${package}/bin") (variables.nativeBuildInputs or [ ]) ++ [ "/usr/bin" "/bin" ]
              );
            }
          );

        linkFarm =
          name: entries:
          runCommand name { } (
            "mkdir $out\n" + builtins.concatStringsSep "\n" (map (entry: "ln -s ${entry.path} $out/${entry.name}") entries)
          );

        # As the real one, it is known by the hash alone: Nix itself refuses a file with another.
        fetchPypi =
          { pname, version, format, dist, python, abi, platform, hash }:
          let
            name = "${pname}-${version}-${python}-${abi}-${platform}.whl";
          in
          assert format == "wheel";
          runCommand name { outputHash = hash; } "cp ${machine.wheels}/${name} $out";

        writeShellScriptBin =
          name: script:
          runCommand name { inherit script; passAsFile = [ "script" ]; } ''
            mkdir -p $out/bin
            { echo '#!/bin/bash'; cat $scriptPath; } > $out/bin/${name}
            chmod 755 $out/bin/${name}
          '';

        mkShell = { packages, ... }@arguments: runCommand "shell" (removeAttrs arguments [ "packages" ]) "touch $out";
      };
    in
    {
      legacyPackages.${system} = pkgs;
    };
}
