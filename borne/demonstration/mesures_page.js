// Les instruments du robot médecin, posés dans la page avant elle : il n'y a ici ni caméra ni haut-parleur.
// La caméra du médecin est une toile estampillée de l'heure ; les images et les sons reçus sont lus au moment où la
// page les rend. Rien ici n'appelle le code de la page.

(() => {
  const mesures = { delais: [], images: 0, eclairs: [], clics: [], taille: [0, 0] };
  window.instruments = mesures;
  const maintenant = () => performance.timeOrigin + performance.now();

  // --- la caméra et le micro du médecin ---
  navigator.mediaDevices.getUserMedia = async (demande) => {
    const flux = new MediaStream();
    if (demande.video) {
      const toile = new OffscreenCanvas(1280, 720);
      const generateur = new MediaStreamTrackGenerator({ kind: 'video' });
      const sortie = generateur.writable.getWriter();
      const contexte = toile.getContext('2d', { willReadFrequently: true });
      let rang = 0;
      const peindre = () => {
        rang += 1;
        contexte.fillStyle = '#d8c9b4';
        contexte.fillRect(0, 0, 1280, 720);
        contexte.fillStyle = '#f3e9dc';
        contexte.beginPath();
        contexte.ellipse(640 + 12 * Math.sin(rang / 25), 330, 150, 190, 0, 0, 7);
        contexte.fill();
        contexte.fillStyle = '#ffffff';
        contexte.fillRect(380, 540, 520, 180);
        contexte.fillStyle = '#0b5d5b';
        contexte.fillRect(620, 540, 40, 180);
        contexte.fillStyle = '#1b2733';
        contexte.fillRect(575, 300, 30, 14);
        contexte.fillRect(675, 300, 30, 14);
        contexte.fillRect(590, 420, 100, 10);
        const instant = maintenant();
        dessinerHorodatage(contexte, 1280, instant);
        const image = new VideoFrame(toile, { timestamp: Math.round(performance.now() * 1000) });
        if (sortie.desiredSize > 0) sortie.write(image); else image.close();
      };
      setInterval(peindre, 1000 / 30);
      flux.addTrack(generateur);
    }
    if (demande.audio) {
      const contexte = new AudioContext({ sampleRate: 48000 });
      const ton = new OscillatorNode(contexte, { frequency: 220 });
      const gain = new GainNode(contexte, { gain: 0.15 });
      const destination = contexte.createMediaStreamDestination();
      ton.connect(gain).connect(destination);
      ton.start();
      flux.addTrack(destination.stream.getAudioTracks()[0]);
    }
    return flux;
  };

  // --- ce que la page rend ---
  const toile = new OffscreenCanvas(1920, 216);
  const contexte = toile.getContext('2d', { willReadFrequently: true });
  let eclaire = false;

  function lireImage(video) {
    const largeur = video.videoWidth;
    const haut = Math.ceil(largeur / 80) * 8;
    mesures.taille = [largeur, video.videoHeight];
    contexte.drawImage(video, 0, 0, largeur, haut, 0, 0, largeur, haut);
    const image = contexte.getImageData(0, 0, largeur, haut);
    const rendu = maintenant();
    mesures.images += 1;
    const tampon = lireHorodatage(image, largeur);
    if (tampon !== null) {
      const ecart = (Math.floor(rendu) % 2 ** 32) - tampon;
      mesures.delais.push(ecart);
    }
    const allume = lireEclair(image);
    if (allume && !eclaire) mesures.eclairs.push(rendu);
    eclaire = allume;
  }

  // Lire chaque image coûte : l'observation s'arrête avant que l'on mesure autre chose.
  let arrete = false;
  window.finirObservation = () => {
    arrete = true;
    for (const noeud of noeuds.splice(0)) noeud.context.close();
  };

  window.observerImages = () => {
    const video = document.getElementById('image-patient');
    const suivante = () => {
      if (arrete) return;
      lireImage(video);
      video.requestVideoFrameCallback(suivante);
    };
    video.requestVideoFrameCallback(suivante);
  };

  // L'image reçue, à sa définition, en PNG et en base64.
  window.capturerImage = async () => {
    const video = document.getElementById('image-patient');
    const image = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    image.getContext('2d').drawImage(video, 0, 0);
    const octets = new Uint8Array(await (await image.convertToBlob({ type: 'image/png' })).arrayBuffer());
    let texte = '';
    for (let i = 0; i < octets.length; i += 32768) texte += String.fromCharCode(...octets.subarray(i, i + 32768));
    return btoa(texte);
  };

  // Les images clés reçues par l'appel en cours.
  const connexions = [];
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...reglages) {
      super(...reglages);
      connexions.push(this);
    }
  };
  window.imagesCles = async () => {
    const releves = await Promise.all(connexions.filter((c) => c.connectionState === 'connected').map((c) => c.getStats()));
    return releves.flatMap((r) => [...r.values()]).reduce((n, s) => n + (s.keyFramesDecoded ?? 0), 0);
  };

  // Le son d'un élément de la page, bloc par bloc, avec l'heure de son premier échantillon. L'appel peut attendre son
  // tour dans le fil de la page : l'heure est celle des appels les moins en retard parmi les derniers.
  // ScriptProcessorNode : la CSP de la page n'admet aucun module de son venu d'ailleurs, et doit rester entière.
  const BLOC = 2048;
  const RECENTS = 60;
  const noeuds = [];
  async function enregistrer(identifiant, sur) {
    const contexte = new AudioContext({ sampleRate: 48000 });
    const source = contexte.createMediaStreamSource(document.getElementById(identifiant).srcObject);
    const noeud = contexte.createScriptProcessor(BLOC, 1, 1);
    const duree = (1000 * BLOC) / contexte.sampleRate;
    const retards = [];
    noeud.onaudioprocess = ({ inputBuffer, playbackTime }) => {
      const rang = Math.round((playbackTime * contexte.sampleRate) / BLOC);
      retards.push(maintenant() - rang * duree);
      if (retards.length > RECENTS) retards.shift();
      const fin = rang * duree + Math.min(...retards);
      sur(inputBuffer.getChannelData(0), fin - duree, contexte.sampleRate);
    };
    source.connect(noeud).connect(contexte.destination);
    noeuds.push(noeud);
    await contexte.resume();
  }

  window.observerVoix = () => {
    let silence = 0;
    return enregistrer('son-voix', (echantillons, debut, frequence) => {
      for (let i = 0; i < echantillons.length; i += 1) {
        if (Math.abs(echantillons[i]) < SEUIL_CLIC) { silence += 1; continue; }
        if (silence > frequence) mesures.clics.push(debut + (1000 * i) / frequence);
        silence = 0;
      }
    });
  };

  // Le son du stéthoscope, enregistré par le navigateur hors du fil de la page, sans perte (PCM en WebM) ; en base64.
  window.enregistrerCoeur = async (dureeMs) => {
    const flux = document.getElementById('son-stethoscope').srcObject;
    const enregistreur = new MediaRecorder(flux, { mimeType: 'audio/webm;codecs=pcm' });
    const morceaux = [];
    enregistreur.ondataavailable = ({ data }) => morceaux.push(data);
    const fini = new Promise((resoudre) => { enregistreur.onstop = resoudre; });
    enregistreur.start();
    setTimeout(() => enregistreur.stop(), dureeMs);
    await fini;
    const octets = new Uint8Array(await new Blob(morceaux).arrayBuffer());
    let texte = '';
    for (let i = 0; i < octets.length; i += 8192) texte += String.fromCharCode(...octets.subarray(i, i + 8192));
    return btoa(texte);
  };
})();
