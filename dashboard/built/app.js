var Hn=function(e,t,n,o){var r;t[0]=0;for(var a=1;a<t.length;a++){var s=t[a++],l=t[a]?(t[0]|=s?1:2,n[t[a++]]):t[++a];s===3?o[0]=l:s===4?o[1]=Object.assign(o[1]||{},l):s===5?(o[1]=o[1]||{})[t[++a]]=l:s===6?o[1][t[++a]]+=l+"":s?(r=e.apply(l,Hn(e,l,n,["",null])),o.push(r),l[0]?t[0]|=2:(t[a-2]=0,t[a]=r)):o.push(l)}return o},Wn=new Map;function Bn(e){var t=Wn.get(this);return t||(t=new Map,Wn.set(this,t)),(t=Hn(this,t.get(e)||(t.set(e,t=(function(n){for(var o,r,a=1,s="",l="",u=[0],d=function(f){a===1&&(f||(s=s.replace(/^\s*\n\s*|\s*\n\s*$/g,"")))?u.push(0,f,s):a===3&&(f||s)?(u.push(3,f,s),a=2):a===2&&s==="..."&&f?u.push(4,f,0):a===2&&s&&!f?u.push(5,0,!0,s):a>=5&&((s||!f&&a===5)&&(u.push(a,0,s,r),a=6),f&&(u.push(a,f,0,r),a=6)),s=""},c=0;c<n.length;c++){c&&(a===1&&d(),d(c));for(var m=0;m<n[c].length;m++)o=n[c][m],a===1?o==="<"?(d(),u=[u],a=3):s+=o:a===4?s==="--"&&o===">"?(a=1,s=""):s=o+s[0]:l?o===l?l="":s+=o:o==='"'||o==="'"?l=o:o===">"?(d(),a=1):a&&(o==="="?(a=5,r=s,s=""):o==="/"&&(a<5||n[c][m+1]===">")?(d(),a===3&&(u=u[0]),a=u,(u=u[0]).push(2,0,a),a=0):o===" "||o==="	"||o===`
`||o==="\r"?(d(),a=2):s+=o),a===3&&s==="!--"&&(a=4,u=u[0])}return d(),u})(e)),t),arguments,[])).length>1?t:t[0]}var C,Jn,nr,ce,Ht,ot,zn,tt,Gn,Kt,Bt,or,je=Symbol.for("pv"),at={},rt=[],ar=/^m(i|n|o|s|text|space)$/,Qt=Array.isArray,st=rt.slice,ue=Object.assign;function _e(e){e&&e.parentNode&&e.remove()}function Vn(e,t,n){var o,r,a,s={},l=arguments.length;for(a in t)a=="key"?o=t[a]:a=="ref"&&typeof e!="function"?r=t[a]:s[a]=t[a];return l>2&&(s.children=l>3?st.call(arguments,2):n),Ce(e,s,o,r,null)}function Jt(e,t,n){var o,r,a,s=ue({},e.props),l=arguments.length;for(a in t)a=="key"?o=t[a]:a=="ref"&&typeof e.type!="function"?r=t[a]:s[a]=t[a];return l>2&&(s.children=l>3?st.call(arguments,2):n),Ce(e.type,s,o!==void 0?o:e.key,r!==void 0?r:e.ref,null)}function Ce(e,t,n,o,r){var a={type:e,props:t,key:n,ref:o,__k:null,__:null,__b:0,__e:null,__c:null,constructor:je,__v:r||++Jn,__i:-1,__u:0};return!r&&C.vnode&&C.vnode(a),a}function Fe(e){return e.children}function ye(e,t){this.props=e,this.context=t,this.__g=0}function de(e,t){if(t==null)return e.__&&de(e.__,e.__i+1);for(var n;t<e.__k.length;t++)if((n=e.__k[t])&&n.__e)return n.__e;return typeof e.type!="function"||e.props.__P?null:de(e)}function rr(e){var t,n=e.__v,o=n.__e,r=[],a=[],s=e.__P;s&&((t=ue({constructor:je},n)).__v=n.__v+1,C.vnode&&C.vnode(t),zt(s,t,n,e.__n,s.namespaceURI,32&n.__u?[o]:null,r,o||de(n),32&n.__u,a),t.__v=n.__v,t.__.__k[t.__i]=t,no(r,t,a),n.__=n.__e=null,t.__e!=o&&Yn(t))}function Yn(e){if((e=e.__)&&e.__c&&!e.props.__P)return e.__e=null,e.__k.some(function(t){return t&&(e.__e=t.__e)}),Yn(e)}function Kn(e){(8&e.__g||(e.__g|=8,ce.push(e),ot++))&&Ht==C.debounceRendering||((Ht=C.debounceRendering)||queueMicrotask)(Zn)}function Zn(){try{for(var e,t=1;ce.length;)ce.length>t&&ce.sort(zn),e=ce.shift(),t=ce.length,8&e.__g&&rr(e)}finally{(ot=ce.length)&&(Ht||queueMicrotask)(Zn)}}function Xn(e,t,n,o,r,a,s,l,u,d,c){var m,f,p,h,$,x,_=o.__k||rt,y=t.length;for(u=sr(n,t,_,u,y),m=0;m<y;m++)(p=n.__k[m])!=null&&(f=~p.__i&&_[p.__i]||at,p.__i=m,x=zt(e,p,f,r,a,s,l,u,d,c),h=p.__e,(f.ref!=p.ref||8&f.__u)&&(f.ref&&Gt(f.ref,null,p,f),p.ref&&c.push(p.ref,p.__c||h,p)),$=$||h,4&p.__u?(u=eo(p,u,e,!f.__v),f.__e&&(f.__e=null)):typeof p.type=="function"&&x!==void 0?u=x:h&&(u=h.nextSibling),p.__u&=-21);return n.__e=$,u}function sr(e,t,n,o,r){var a,s,l,u,d,c,m,f,p,h=n.length,$=h,x=0,_=0,y=e.__k=Array(r);for(a=0;a<r;a++)(s=t[a])!=null&&typeof s!="boolean"&&typeof s!="function"?(typeof s!="object"||s.constructor===String?s=y[a]=Ce(null,s):Qt(s)?s=y[a]=Ce(Fe,{children:s}):s.constructor===je&&s.__b?s=y[a]=Ce(s.type,s.props,s.key,s.ref,s.__v):y[a]=s,u=a+x,s.__=e,s.__b=e.__b+1,l=null,~(d=s.__i=ir(s,n,u,$))&&($--,(l=n[d])&&(l.__u|=2)),l&&l.__v?(s.__u|=16,d==u-1?x--:d==u+1?x++:d!=u&&(d>u?x--:x++,_=1)):(~d||(r>h?x--:r<h&&x++),typeof s.type!="function"&&(s.__u|=4))):y[a]=null;if(_){for(c=[],m=[],a=0;a<r;a++)if((s=y[a])&&16&s.__u){for(x=0,f=c.length;x<f;)c[p=x+f>>1]<s.__i?x=p+1:f=p;c[x]=s.__i,m[a]=x+1}for(x=c.length;a--;)m[a]&&(m[a]==x?x--:y[a].__u|=4)}if($)for(a=0;a<h;a++)!(l=n[a])||2&l.__u||(l.__e==o&&(o=de(l)),Vt(l,l));return o}function eo(e,t,n,o){var r,a,s,l;if(typeof e.type=="function"){if(e.props.__P)return t;if(r=e.__k)for(a=0;a<r.length;a++)r[a]&&(r[a].__=e,t=eo(r[a],t,n,!1));return t}for(t&&!t.parentNode&&(t=de(e))&&!t.parentNode&&(t=null),s=e.__e,l=t;l&&l.nodeType==8;)l=l.nextSibling;for(s!=l&&(!o&&n.moveBefore&&s.parentNode?n.moveBefore(s,t):n.insertBefore(s,t||null)),t=s;(t=t&&t.nextSibling)&&t.nodeType==8&&!t.data.startsWith("$s"););return t}function ir(e,t,n,o){var r,a=e.key,s=e.type,l=t[n],u=l&&!(2&l.__u);if(l===null&&a==null||u&&a==l.key&&s==l.type)return n;if(o>(u?1:0)){for(r=n-1;r>=0;r--)if((l=t[r])&&!(2&l.__u)&&a==l.key&&s==l.type)return r;for(r=n+1;r<t.length;r++)if((l=t[r])&&!(2&l.__u)&&a==l.key&&s==l.type)return r}return-1}function Qn(e,t,n){n==null&&(n=""),t[0]=="-"?e.setProperty(t,n):e[t]=n}function et(e,t,n,o,r){var a,s;if(t=="style")if(typeof n=="string")e.style.cssText=n;else{if(typeof o=="string"&&(e.style.cssText=o=""),o)for(t in o)n&&t in n||Qn(e.style,t);if(n)for(t in n)o&&n[t]==o[t]||Qn(e.style,t,n[t])}else if(t[0]=="o"&&t[1]=="n")typeof n!="function"&&(n=null),typeof o!="function"&&(o=null),(e.__e||(e.__e={}))[t]=n,n&&o||(s=Bt[t]||(Bt[t]=lr(t)),(e.__a||(e.__a={}))[t]=Kt,a=t!=(t=t.replace(Gn,"$1")),(t=t.slice(2))[0]<"a"&&(t=t.toLowerCase()),n?e.addEventListener(t,s,a):e.removeEventListener(t,s,a));else{if(r=="http://www.w3.org/2000/svg")t=t.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(t!="width"&&t!="height"&&t!="href"&&t!="list"&&t!="form"&&t!="tabIndex"&&t!="download"&&t!="rowSpan"&&t!="colSpan"&&t!="role"&&t!="popover"&&t in e)try{return void(e[t]=n??"")}catch{}if(typeof n=="function")return;n==null||n===!1&&t[4]!="-"?e.removeAttribute(t):e.setAttribute(t,t=="popover"&&n==1?"":n)}}function lr(e){return function(t){var n=this.__e;if(n){if(n=n[e],t[tt]==null)t[tt]=Kt++;else if(t[tt]<this.__a[e])return;return n(C.event?C.event(t):t)}}}function zt(e,t,n,o,r,a,s,l,u,d){var c,m,f,p,h,$,x,_,y,N,L,Wt,Fn,Xe,he,Un,le,$e,ae=t.type;if(t.constructor!==je)return null;128&n.__u&&(u=32&n.__u,c=n.__c.__z)&&(t.__u|=u,m=a=[],c.nodeType==8?l=nt(c,a):a.push(c),l=a[0]||l),(c=C.__b)&&c(t);e:if(typeof ae=="function"){f=s.length;try{if(_=t.props,y=(c=ae.prototype)&&c.render,N=(c=ae.contextType)&&o[c.__c],L=c?N?N.props.value:c.__:o,(p=n.__c)?(t.__c=p,2&p.__g&&(p.__g|=1)):(y?t.__c=p=new ae(_,L):(t.__c=p=new ye(_,L),p.constructor=ae,p.render=ur),N&&N.sub(p),p.state||(p.state={}),p.__n=o,p.__g|=8,p.__h=[],p.__k=[]),y&&(p.__s||(p.__s=p.state),ae.getDerivedStateFromProps&&(p.__s==p.state&&(p.__s=ue({},p.__s)),ue(p.__s,ae.getDerivedStateFromProps(_,p.__s)))),h=p.props,$=p.state,p.__v=t,n.__c){if(_!==h&&y&&!ae.getDerivedStateFromProps&&p.componentWillReceiveProps&&p.componentWillReceiveProps(_,L),t.__v==n.__v&&!(8&p.__g)||!(4&p.__g)&&p.shouldComponentUpdate&&p.shouldComponentUpdate(_,p.__s,L)===!1){t.__v!=n.__v&&(p.props=_,p.state=p.__s,p.__g&=-9),t.__e=n.__e,t.__k=n.__k,t.__k.some(function(Y){Y&&(Y.__=t)}),rt.push.apply(p.__h,p.__k),p.__k=[],p.__h.length&&s.push(p),l=de(n);break e}p.componentWillUpdate&&p.componentWillUpdate(_,p.__s,L),y&&p.componentDidUpdate&&p.__h.push(function(){p.componentDidUpdate(h,$,x)})}else y&&!ae.getDerivedStateFromProps&&p.componentWillMount&&p.componentWillMount(),y&&p.componentDidMount&&p.__h.push(p.componentDidMount);p.context=L,p.props=_,p.__P=e,p.__g&=-5,Wt=C.__r,Fn=y?25:0;do p.__g&=-9,Wt&&Wt(t),c=p.render(p.props,p.state=p.__s,p.context);while(8&p.__g&&++Fn<25);y&&(rt.push.apply(p.__h,p.__k),p.__k=[]),p.state=p.__s,p.getChildContext&&(o=ue({},o,p.getChildContext())),y&&n.__c&&p.getSnapshotBeforeUpdate&&(x=p.getSnapshotBeforeUpdate(h,$)),Xe=c&&c.type===Fe&&c.key==null?c.props.children:c,_.__P&&(c=l,r=(e=_.__P).namespaceURI,u=a=null,n.props&&n.props.__P!=e&&(n.__k.some(function(Y){Y&&Vt(Y,Y)}),n.__k=null),l=n.__k?de(n,0):null),l=Xn(e,Qt(Xe)?Xe:[Xe],t,n,o,r,a,s,l,u,d),_.__P&&(t.__e=null,l=c),t.__u&=-161,m&&m.some(_e),p.__h.length&&s.push(p),1&p.__g&&(p.__g&=-4)}catch(Y){if(s.length=f,t.__v=null,u||a)if(Y&&Y.then){if(t.__u|=128|u,a){for(~(le=a.indexOf(l||void 0))||(le=a.length);($e=a[le-1])&&$e.nodeType==8;)le--;for(;le<a.length;le++)if($e=a[le])if(a[le]=null,he){if($e==Un)break}else{if($e.nodeType!=8)break;$e.data.startsWith("$s")&&(Un=nt(he=$e))}}if(!he){for(;l&&l.nodeType==8&&l.nextSibling;)l=l.nextSibling;he=l}(c=nt(he=t.__c.__z||(t.__c.__z=he)))?(t.__e=he,l=c):t.__e=l,l=l&&l.nextSibling}else a&&a.some(_e);else t.__e=n.__e;t.__k||(t.__k=n.__k||[]),Y&&Y.then||to(t),C.__e(Y,t,n)}}else l=t.__e=cr(n.__e,t,n,o,r,a,s,u,d,e);return(c=C.diffed)&&c(t),l}function nt(e,t){if(e&&e.nodeType==8&&e.data.startsWith("$s"))for(var n=1;e=e.nextSibling;){if(e.nodeType==8){if(e.data.startsWith("$s"))n++;else if(e.data.startsWith("/$s")&&!--n)return e}t&&t.push(e)}}function to(e){e&&(e.__c&&(e.__c.__g|=4),e.__k&&e.__k.some(to))}function no(e,t,n){for(var o=0;o<n.length;)Gt(n[o++],n[o++],n[o++]);C.__c&&C.__c(t,e),e.some(function(r){try{e=r.__h,r.__h=[],e.some(function(a){a.call(r)})}catch(a){C.__e(a,r.__v)}})}function cr(e,t,n,o,r,a,s,l,u,d){var c,m,f,p,h,$,x,_,y=n.props||at,N=t.props,L=t.type;if(L=="svg"?r="http://www.w3.org/2000/svg":L=="math"?r="http://www.w3.org/1998/Math/MathML":r||(r="http://www.w3.org/1999/xhtml"),a){for(c=0;c<a.length;c++)if((h=a[c])&&(L?h.localName==L:h.nodeType==3)){e=h,a[c]=null;break}}if(!e){if(_=d.ownerDocument||document,!L)return _.createTextNode(N);e=_.createElementNS(r,L,N.is?N:d),l&&(C.__m&&C.__m(t,a),l=!1),a=null}if(L){if(d=L=="template"&&e.content||e,a=L=="textarea"&&N.defaultValue!=null?null:a&&st.call(d.childNodes),!l&&a)for(y={},c=0;c<e.attributes.length;c++)y[(h=e.attributes[c]).name]=h.value;for(c in y)h=y[c],c=="dangerouslySetInnerHTML"?f=h:c=="children"||c in N||c=="value"&&"defaultValue"in N||c=="checked"&&"defaultChecked"in N||et(e,c,null,h,r);for(c in N)h=N[c],c=="children"?p=h:c=="dangerouslySetInnerHTML"?m=h:c=="value"?$=h:c=="checked"?x=h:l&&typeof h!="function"||y[c]===h||et(e,c,h,y[c],r);m?(l||f&&(m.__html==f.__html||m.__html==e.innerHTML)||(e.innerHTML=m.__html),t.__k=[]):(f&&(e.textContent=""),(L=="foreignObject"||r=="http://www.w3.org/1998/Math/MathML"&&ar.test(L))&&(r="http://www.w3.org/1999/xhtml"),Xn(d,Qt(p)?p:[p],t,n,o,r,a,s,a?a[0]:n.__k&&de(n,0),l,u),a&&a.some(_e)),l&&L!="textarea"||(c="value",L=="progress"&&$==null?e.removeAttribute(c):$==null||$===e[c]&&(L!="progress"||$)||et(e,c,$,y[c],r),c="checked",x!=null&&x!=e[c]&&et(e,c,x,y[c],r))}else y===N||l&&e.data==N||(e.data=N);return e}function Gt(e,t,n,o){try{typeof e=="function"?t?t.__x=e(t)||1:o&&(o=o.__c||o.__e)&&(t=o.__x)&&(o.__x=null,typeof t=="function"?t():e(null)):e.current=t}catch(r){C.__e(r,n)}}function Vt(e,t,n){var o,r,a,s;if(C.unmount&&C.unmount(e),!(o=e.ref)||o.current&&o.current!=e.__e||Gt(o,null,t,e),o=e.__c){if(o.componentWillUnmount)try{o.componentWillUnmount()}catch(l){C.__e(l,t)}o.__P=o.__n=null}if(o=e.__k)for(s=0;s<o.length;s++)o[s]&&Vt(o[s],t,typeof e.type!="function"||n&&!e.props.__P);!n&&(o=e.__c)&&(o=o.__z)&&(r=nt(o,a=[]))&&(o==e.__e&&a.some(_e),_e(r),_e(o)),n||_e(e.__e),e.__e=e.__c=e.__=null}function ur(e,t,n){return this.constructor(e,n)}function Yt(e,t){var n,o,r,a;C.__&&C.__(e,t),t.nodeType==9&&(t=t.documentElement),o=(n=e&&32&e.__u)?null:t.__k,t.__k=Ce(Fe,{children:[e]}),r=[],a=[],zt(t,t.__k,o||at,at,t.namespaceURI,o?null:t.firstChild?st.call(t.childNodes):null,r,o?o.__e:t.firstChild,n,a),no(r,t.__k,a),t.__k.props.children=null}C={__e:function(e,t,n,o){for(var r,a,s;t=t.__;)if((r=t.__c)&&!(1&r.__g)){r.__g|=4;try{if((s=(a=r.constructor)&&a.getDerivedStateFromError)&&r.setState(a.getDerivedStateFromError(e)),r.componentDidCatch&&(r.componentDidCatch(e,o||{}),s=1),s&&8&r.__g)return void(r.__g|=2)}catch(l){e=l}}throw ot=0,e}},Jn=0,nr=function(e){return e!=null&&e.constructor===je},ye.prototype.setState=function(e,t){var n=this.__s;n&&n!=this.state||(n=this.__s=ue({},this.state)),typeof e=="function"&&(e=e(ue({},n),this.props)),e&&(ue(n,e),this.__v&&(t&&this.__k.push(t),Kn(this)))},ye.prototype.forceUpdate=function(e){this.__v&&(this.__g|=4,e&&this.__h.push(e),Kn(this))},ye.prototype.render=Fe,ce=[],ot=0,zn=function(e,t){return e.__v.__b-t.__v.__b},tt=Symbol(),Gn=/(PointerCapture)$|Capture$/i,Kt=0,Bt={},or=0;var be,I,Zt,oo,Xt=Object.is,it=0,mo=[],en=[],R=C,ao=R.__b,ro=R.__r,so=R.diffed,io=R.__c,lo=R.unmount,co=R.__;function We(e,t){R.__h&&R.__h(I,e,it||t),it=0;var n=I.__H||(I.__H={__:[],__h:[]});return e>=n.__.length&&n.__.push({}),n.__[e]}function g(e){return it=1,dr(fo,e)}function dr(e,t,n){var o=We(be++,2);if(o.t=e,!o.__c&&(o.__=[n?n(t):fo(void 0,t),function(a){var s=(o.__N||o.__)[0],l=o.t(s,a);Xt(s,l)||(o.__N=[l,o.__[1]],o.__c.setState({}))}],o.__c=I,!I.__f)){I.__f=!0;var r=I.shouldComponentUpdate;I.shouldComponentUpdate=function(a,s,l){var u=this.__H;if(!u)return!0;var d=!1,c=this.props!=a;if(u.__.some(function(f){f.__N&&(d=!0,Xt(f.__[0],f.__N[0])||(c=!0))}),r){var m=r.call(this,a,s,l);return d?m||c:m}return!d||c}}return o.__}function P(e,t){var n=We(be++,3);!R.__s&&on(n.__H,t)&&(n.__P=!0,n.__=e,n.u=t,I.__H.__h.push(n))}function He(e,t){var n=We(be++,4);!R.__s&&on(n.__H,t)&&(n.__P=!1,n.__=e,n.u=t,I.__h.push(n))}function j(e){return it=5,ge(function(){return{current:e}},[])}function ge(e,t){var n=We(be++,7);return on(n.__H,t)&&(n.__=e(),n.__H=t),n.__}function nn(){var e=We(be++,11);if(!e.__){for(var t=I.__v;!t.__m&&t.__;)t=t.__;var n=t.__m||(t.__m=[0,0]);e.__="P"+n[0]+"-"+n[1]++}return e.__}function pr(){var e;do{for(;e=en.shift();)try{Ue(e)}catch(n){R.__e(n,{__:(e=e.__P)&&e.__v})}for(;e=mo.shift();){var t=e.__H;if(e.__P&&t)try{t.__h.some(Ue),t.__h.some(tn),t.__h=[]}catch(n){t.__h=[],R.__e(n,e.__v)}}}while(en.length)}R.__b=function(e){I=null,ao&&ao(e)},R.__=function(e,t){e&&t.__k&&t.__k.__m&&(e.__m=t.__k.__m),co&&co(e,t)},R.__r=function(e){ro&&ro(e),be=0;var t=(I=e.__c).__H;t&&(Zt==I?I.__h=[]:(t.__h.some(Ue),t.__h.some(tn),be=0),t.__h=[],t.__.some(function(n){n.__N&&(n.__=n.__N),n.u=n.__N=void 0})),Zt=I},R.diffed=function(e){so&&so(e);var t=e.__c;t&&t.__H&&(t.__H.__h.length&&po(mo.push(t)),t.__H.__.some(function(n){n.u&&(n.__H=n.u)})),Zt=I=null},R.__c=function(e,t){t.some(function(n){try{n.__h.some(Ue),n.__h=n.__h.filter(function(o){return!o.__||tn(o)})}catch(o){n.__h=[function(){throw o}]}}),io&&io(e,t)},R.unmount=function(e){lo&&lo(e);var t,n,o=e.__c;o&&o.__H&&(o.__H.__.some(function(r){try{if(r.__P&&r.__c){if(n===void 0){for(n=e.__;n&&(!n.__c||!n.__c.__P);)n=n.__;n=n&&n.__c}r.__P=n,po(en.push(r))}else Ue(r)}catch(a){t=a}}),o.__H=void 0,t&&R.__e(t,o.__v))};var uo=typeof requestAnimationFrame=="function";function mr(e){var t,n=function(){clearTimeout(o),uo&&cancelAnimationFrame(t),setTimeout(e)},o=setTimeout(n,35);uo&&(t=requestAnimationFrame(n))}function po(e){e!=1&&oo==R.requestAnimationFrame||((oo=R.requestAnimationFrame)||mr)(pr)}function Ue(e){var t=I,n=e.__c;typeof n=="function"&&(e.__c=void 0,n()),I=t}function tn(e){var t=I;e.__c=e.__(),I=t}function on(e,t){return!e||e.length!=t.length||t.some(function(n,o){return!Xt(n,e[o])})}function fo(e,t){return typeof t=="function"?t(e):t}var i=Bn.bind(Vn);function E(e){let t=e,n=new Set;return{get:()=>t,set(o){t=typeof o=="function"?o(t):o;for(let r of[...n])r(t)},listen(o){return n.add(o),()=>n.delete(o)}}}function w(e){let[t,n]=g(e.get());return P(()=>(n(()=>e.get()),e.listen(o=>n(()=>o))),[e]),t}var{content:an,dataset:fr}=document.querySelector('meta[name="taskway-api"]'),lt=an==="./"?"":an,ho=new URL(an,window.location.href).href.replace(/\/$/,""),Ee=fr.signIn==="token",Z=E({value:null,refused:!1});function $o(e){e!==null&&Z.get().value===e&&Z.set({value:null,refused:!0})}var _o=[1e3,1e3,2e3,3e3,5e3],hr=5e3,H=E({down:null}),ct=null,ut=0;function rn(){H.get().down&&(clearTimeout(ct),ut=0,H.set({down:null}))}function sn(e){H.get().down||(ut=0,H.set({down:{since:Date.now(),detail:e}}),yo())}function ln(){return clearTimeout(ct),bo()}function yo(){clearTimeout(ct);let e=_o[Math.min(ut,_o.length-1)];ut+=1,H.set(({down:t})=>({down:{...t,next:Date.now()+e}})),ct=setTimeout(bo,e)}async function bo(){if(!document.hidden){try{let e=await fetch(`${lt}healthz`,{signal:AbortSignal.timeout(hr),cache:"no-store"});if(e.status!==502&&e.status!==504)return rn()}catch{}H.get().down&&yo()}}document.addEventListener("visibilitychange",()=>{!document.hidden&&H.get().down&&ln()});var vo=2,$r=6e4,ke=E(!0),dt=new Set,pt=[],go=null;function wo(){pt=[...pt.slice(-(vo-1)),performance.now()]}function xo(e,t){let n={ask:e,every:t,due:0,asking:!1};return dt.add(n),cn(n),{stop:()=>dt.delete(n),now:()=>cn(n)}}async function cn(e){if(!e.asking){e.asking=!0;try{await e.ask()}finally{e.asking=!1,e.due=performance.now()+e.every,un()}}}function un(){clearTimeout(go);let e=Ee&&Z.get().value===null;if(document.hidden||e||!ke.get()||H.get().down)return;let t=[...dt].filter(a=>!a.asking);if(t.length===0)return;let n=t.reduce((a,s)=>s.due<a.due?s:a),o=pt.length<vo?0:pt[0]+1e3,r=Math.max(n.due,o)-performance.now();go=setTimeout(()=>r>0?un():cn(n),Math.min(Math.max(r,0),$r))}function mt(){un()}document.addEventListener("visibilitychange",mt);ke.listen(mt);Z.listen(mt);var ko=!1;H.listen(({down:e})=>{if(ko&&!e)for(let t of dt)t.due=0;ko=!!e,mt()});var ft=E(dn());window.addEventListener("hashchange",()=>ft.set(dn()));function dn(){let[e,t]=window.location.hash.replace(/^#\/?/,"").split("?");return{parts:e.split("/").filter(Boolean).map(_r),query:new URLSearchParams(t??"")}}function _r(e){try{return decodeURIComponent(e)}catch{return e}}function pn(e){let t=Object.entries(e);return new URLSearchParams(t.filter(([n,o])=>o!=null&&(o!==""||n.startsWith("label."))))}function b(e,t={}){let n=pn(t);return`#/${e.map(encodeURIComponent).join("/")}${n.size>0?`?${n}`:""}`}function X(e){window.location.hash=e}function ht(e){window.history.replaceState(null,"",e),ft.set(dn())}var Pe=E(!1),Ne={o:["Overview",[]],t:["Tasks",["tasks"]],d:["Dead letters",["dead"]],q:["Queues",["queues"]],s:["Schedules",["schedules"]],n:["Submit",["submit"]],a:["About",["about"]]},yr=1500,mn=0,So={"/":()=>(document.querySelector("[data-filter]")??document.querySelector("[data-jump]")).focus(),j:()=>To(1),k:()=>To(-1),x:()=>Oo()?.querySelector("input[type=checkbox]")?.click(),"]":()=>document.querySelector("[data-next]")?.click(),"[":()=>window.history.back(),l:()=>ke.set(e=>!e),"?":()=>Pe.set(!0)};function Ao(){document.addEventListener("keydown",e=>{if(!(e.ctrlKey||e.metaKey||e.altKey||e.defaultPrevented||document.querySelector("dialog[open]"))){if(e.target.closest("input:not([type=checkbox]), textarea, select")){e.key==="Escape"&&e.target.blur();return}br(e.key)&&e.preventDefault()}})}function br(e){if(performance.now()<mn&&e in Ne)return mn=0,X(b(Ne[e][1])),!0;if(e==="g")return mn=performance.now()+yr,!0;if(e in So)return So[e](),!0;let t=document.querySelector(`[data-key="${CSS.escape(e)}"]`);return!t||t.disabled?!1:(t.click(),!0)}var Oo=()=>document.activeElement?.closest("[data-row]");function To(e){let t=[...document.querySelectorAll("[data-row]")];if(t.length===0)return;let n=t.indexOf(Oo()),o=t[n<0?0:Math.min(Math.max(n+e,0),t.length-1)];o.querySelector("a.row").focus(),o.scrollIntoView({block:"nearest"})}var gr=1e4,kr=3e4,Be=class extends Error{constructor(t,n,o){super(n.detail||n.title||n.message||`the answer has status ${t}`),this.status=t,this.problem=n,this.id=o}},ve=class extends Error{},vr=2e3,Co=0;window.addEventListener("beforeunload",()=>{Co=performance.now()+vr});function O(e,t){return Eo("GET",e,void 0,gr,t)}function F(e,t,n){return Eo(e,t,n,kr)}async function Eo(e,t,n,o,r){wo();let a=AbortSignal.timeout(o),s=Z.get().value,l=s?{authorization:`Bearer ${s}`}:{};e!=="GET"&&(l["content-type"]="application/json");let u={method:e,headers:l,signal:r?AbortSignal.any([r,a]):a,cache:"no-store"};n!==void 0&&(u.body=typeof n=="string"?n:JSON.stringify(n));let d,c;try{d=await fetch(t,u),c=await d.text()}catch(f){if(r?.aborted)throw f;if(!a.aborted&&performance.now()<Co)return new Promise(()=>{});let p=a.aborted?`no answer within ${o/1e3} s`:"no connection to the stack",h=e==="GET"?"":"; it may have been done all the same";throw sn(p),new ve(`${p}${h}`)}let m=wr(c);if(d.status===502||d.status===504){let f=m?.detail??"the server between this page and the stack got no answer";throw sn(f),new ve(f)}if(rn(),d.status===401&&Ee&&$o(s),!d.ok)throw new Be(d.status,m??{},d.headers.get("x-request-id"));return{json:m,text:c,status:d.status}}function wr(e){try{return JSON.parse(e)}catch{return null}}function v(...e){return`${lt}${["v1",...e.map(encodeURIComponent)].join("/")}`}function U(e,t){let n=pn(t);return n.size>0?`${e}?${n}`:e}var Po="taskway.bulk",xr=2e4,re=500,Sr=20,we=E(Tr());function Tr(){try{return(JSON.parse(sessionStorage.getItem(Po))??[]).map(t=>t.state==="running"?{...t,state:"stopped"}:t)}catch{return[]}}we.listen(e=>{try{sessionStorage.setItem(Po,JSON.stringify(e.filter(t=>t.state!=="done")))}catch{}});function $t({title:e,verb:t,steps:n,total:o}){let r=Date.now(),a={id:r,title:e,verb:t,steps:n,total:o,at:0,cursor:null,matched:0,done:0,refused:null,state:"running"};return we.set(s=>[...s,a]),Lo(r)}function qo(e){Ke(e,{state:"stopped"})}function Do(e){return Ke(e,{state:"running",problem:null}),Lo(e)}function fn(e){we.set(t=>t.filter(n=>n.id!==e))}var No=e=>we.get().find(t=>t.id===e);function Ke(e,t){we.set(n=>n.map(o=>o.id===e?{...o,...t}:o))}async function Lo(e){for(let t=No(e);t?.state==="running";t=No(e)){if(t.at>=t.steps.length){Ke(e,{state:"done"}),setTimeout(()=>fn(e),xr);return}try{Ke(e,await Ar(t))}catch(n){Ke(e,{state:"failed",problem:n.message});return}}}async function Ar({steps:e,at:t,cursor:n,matched:o,done:r,refused:a}){let{path:s,body:l}=e[t];if(l===void 0){try{await F("POST",s)}catch(c){if(!(c instanceof Be)||![404,409].includes(c.status))throw c;return{at:t+1,matched:o+1,refused:c.message}}return{at:t+1,matched:o+1,done:r+1,refused:a}}let{json:u}=await F("POST",s,{...l,cursor:n??void 0}),d=u.next_cursor;return{at:d?t:t+1,cursor:d,matched:o+u.matched,done:r+u.done}}function hn(e,t){let n=[];for(let o=0;o<t.length;o+=re)n.push({path:e,body:{ids:t.slice(o,o+re)}});return n}async function Ro({path:e,parameters:t,fits:n},o,r){let a=0,s=null;for(let l=0;l<Sr;l+=1){let{json:u}=await O(U(e,{...t,limit:re,cursor:s}),o);if(a+=u.tasks.filter(n).length,s=u.next_cursor,!s)return{counted:a,more:!1};r(a)}return{counted:a,more:!0}}function Qe(e){return String(Math.round(e)).replace(/\B(?=(\d{3})+$)/g,",")}function k(e){return e==null?"\u2013":typeof e=="object"?`${Qe(e.at_least)}+`:Qe(e)}function G(e){return e==null?0:typeof e=="object"?e.at_least:e}function W(e,t,n=`${t}s`){return`${k(e)} ${G(e)===1&&typeof e!="object"?t:n}`}function Io(e){let t=e*100;return`${t>0&&t<10?t.toFixed(1):Math.round(t)} %`}var Or=[[1e3,6e4,"s"],[6e4,36e5,"min"],[36e5,864e5,"h"],[864e5,Number.POSITIVE_INFINITY,"d"]];function z(e){if(e<1e3)return`${Math.max(0,Math.round(e))} ms`;let[t,,n]=Or.find(([,r])=>e<r),o=e/t;return`${o<10&&t>1e3?Math.floor(o*10)/10:Math.floor(o)} ${n}`}function Mo(e,t){let n=t-e;return Math.abs(n)<1e3?"now":n>0?`${z(n)} ago`:`in ${z(-n)}`}var Cr=["Sun","Mon","Tue","Wed","Thu","Fri","Sat"],Er=["Jan","Feb","Mar","Apr","May","Jun","Jul","Aug","Sep","Oct","Nov","Dec"];function jo(e){let t=new Date(e),n=[t.getHours(),t.getMinutes(),t.getSeconds()].map(o=>String(o).padStart(2,"0")).join(":");return{day:`${Cr[t.getDay()]} ${t.getDate()} ${Er[t.getMonth()]}`,year:t.getFullYear(),time:n}}function $n(e){let{day:t,year:n,time:o}=jo(e);return`${t} ${n}, ${o} (${e})`}function Fo(e){let{day:t,time:n}=jo(e);return`${t}, ${n}`}function ne(e){return e?.handler?e.handler:e?.http?`${e.http.method??"POST"} ${e.http.url}`:e?.lambda?`\u03BB ${e.lambda.function}`:"unknown target"}function Je(e){if(!e)return"no limit";let t=e.per_seconds===1?"second":`${Qe(e.per_seconds)} s`;return`${Qe(e.tasks)} per ${t}${e.burst>1?`, burst ${Qe(e.burst)}`:""}`}function Uo(){let e=w(we);return e.length===0?null:i`<section class="tray" aria-label="Changes of many tasks">
    ${e.map(t=>i`<${Nr} key=${t.id} one=${t} />`)}
  </section>`}function Nr({one:e}){let{id:t,title:n,verb:o,total:r,steps:a,at:s,matched:l,done:u,refused:d,state:c,problem:m}=e,f=r>0?Math.max(r,l):null,p=c==="done"?1:f?l/f:s/a.length;return i`
    <article class=${`bulk ${c}`}>
      <h2>${n}</h2>
      <progress max="1" value=${p} aria-label=${n}></progress>
      <p role="status">
        ${W(u,"task")} ${o}${f&&c!=="done"?` of ${k(f)}`:""}${l>u?`, ${k(l-u)} had moved on`:""}${c==="stopped"?"; stopped":""}${c==="done"?".":""}
      </p>
      ${d&&i`<p class="faint">${d}</p>`}
      ${c==="failed"&&i`<p class="bad">${m}. What was done stays done.</p>`}
      <div class="buttons">
        ${c==="running"&&i`<button type="button" onClick=${()=>qo(t)}>Stop</button>`}
        ${(c==="stopped"||c==="failed")&&i`<button type="button" class="primary" onClick=${()=>Do(t)}>Go on</button>`}
        ${c!=="running"&&i`<button type="button" onClick=${()=>fn(t)}>Close</button>`}
      </div>
    </article>
  `}var _n=E(null);function oe(e){return new Promise(t=>_n.set({...e,resolve:t}))}function Wo(){let e=w(_n);return e&&i`<${Pr} key=${e.title} ...${e} />`}function Pr({title:e,text:t,verb:n,danger:o=!0,typed:r,resolve:a}){let s=j(),[l,u]=g("");P(()=>s.current.showModal(),[]);let d=m=>{s.current?.close(),_n.set(null),a(m)};return i`
    <dialog ref=${s} aria-labelledby="question" onCancel=${m=>{m.preventDefault(),d(!1)}}>
      <form onSubmit=${m=>{m.preventDefault(),d(!0)}}>
        <h2 id="question">${e}</h2>
        <div class="question">${t}</div>
        ${r&&i`<div class="field"><label><span>Type <code>${r}</code> to go on</span>
            <input value=${l} onInput=${m=>u(m.target.value)} autocomplete="off" autofocus />
          </label></div>`}
        <div class="buttons end">
          <button type="button" onClick=${()=>d(!1)}>Leave it</button>
          <button type="submit" class=${o?"danger":"primary"} disabled=${r!==void 0&&l!==r} autofocus=${!r}>${n}</button>
        </div>
      </form>
    </dialog>
  `}var B=E(null);async function yn(){try{B.set((await O("ui.json")).json)}catch{}}function pe(){return w(B)?.api??ho}function K(){return w(B)?.read_only??!1}var qr=6e3,bn=E([]),Ho=0;function M(e,t="good"){Ho+=1;let n=Ho;bn.set(o=>[...o.slice(-3),{id:n,text:e,tone:t}]),setTimeout(()=>bn.set(o=>o.filter(r=>r.id!==n)),qr)}function Bo(){let e=w(bn);return i`
    <div class="toasts" role="status" aria-live="polite">
      ${e.map(({id:t,text:n,tone:o})=>i`<p key=${t} class=${`toast ${o}`}>${n}</p>`)}
    </div>
  `}function Ko({here:e,children:t}){return i`
    <a class="skip" href="#main" onClick=${n=>{n.preventDefault(),document.getElementById("main").focus()}}>Skip to the content</a>
    <${Dr} here=${e} />
    <main id="main" tabindex="-1"><${Rr} />${t}</main>
  `}function Dr({here:e}){let t=w(B),n=w(ke),{down:o}=w(H),r=j();return P(()=>r.current.querySelector("[aria-current]")?.scrollIntoView({block:"nearest",inline:"nearest"}),[e]),i`<header class="top">
    <a class="brand" href=${b([])}><img src="icon.svg" alt="" width="20" height="20" /> Taskway</a>
    <nav ref=${r} aria-label="Screens">
      ${Object.entries(Ne).map(([a,[s,l]])=>i`<a key=${a} href=${b(l)} aria-current=${(l[0]??"")===e?"page":null} title=${`keys g ${a}`}>${s}</a>`)}
    </nav>
    <div class="aside">
      ${t?.read_only&&i`<span class="chip">read only</span>`}
      <${Lr} />
      <button type="button" class="quiet" aria-pressed=${n} title="key l" onClick=${()=>ke.set(!n)}><span class=${`dot ${n&&!o?"on":""}`} aria-hidden="true"></span>${n?o?"no answer":"live":"stopped"}</button>
      <button type="button" class="quiet" title="key ?" aria-label="Keys" onClick=${()=>Pe.set(!0)}>?</button>
    </div>
  </header>`}function Lr(){let[e,t]=g("");return i`<form class="jump" role="search" aria-label="Find a task" onSubmit=${o=>{o.preventDefault(),e.trim()!==""&&(X(b(["tasks",e.trim()])),t(""))}}>
    <input data-jump type="search" placeholder="Task id" aria-label="Task id" autocomplete="off" value=${e} onInput=${o=>t(o.target.value)} />
  </form>`}function Rr(){let{down:e}=w(H),[t,n]=g(Date.now()),o=j(null);if(P(()=>{if(o.current&&!e&&M("The stack answers again."),o.current=e,!e)return;n(Date.now());let a=setInterval(()=>n(Date.now()),500);return()=>clearInterval(a)},[e]),!e)return null;let r=Math.max(0,Math.ceil((e.next-t)/1e3));return i`<div class="banner" role="alert">
    <p><strong>The stack does not answer</strong>: ${e.detail}. What you see is from before. <span aria-hidden="true">Asking again ${r>0?`in ${r} s`:"now"}.</span></p>
    <button type="button" onClick=${ln}>Ask now</button>
  </div>`}var Ir=[["/","to the filter, or to the box that takes a task id"],["j  k","next row, row before"],["Enter","open the row"],["x","select the row"],["]  [","next page, back"],["n  r  c","of a task: run now, retry, cancel"],["e","edit: submit a task again, change limits or a schedule"],["p","pause or resume a queue or a schedule"],["v","keep the filters of the tasks as a view"],["l","stop or go on following the stack"],["Esc","leave a field or a question"],["?","this list"]];function Qo(){return w(Pe)&&i`<${Mr} />`}function Mr(){let e=j();P(()=>e.current.showModal(),[]);let t=()=>Pe.set(!1),n=([o,r])=>i`<tr key=${o}><th scope="row">${o.split(/ +/).map(a=>i`<kbd>${a}</kbd> `)}</th><td>${r}</td></tr>`;return i`<dialog ref=${e} aria-labelledby="keys" onClose=${t}>
    <h2 id="keys">Keys</h2>
    <table class="keys"><tbody>
      ${Ir.map(n)}
      ${Object.entries(Ne).map(([o,[r]])=>n([`g ${o}`,r]))}
    </tbody></table>
    <div class="buttons end"><button type="button" class="primary" autofocus onClick=${()=>e.current.close()}>Close</button></div>
  </dialog>`}var jr={"/problems/not-found":"It may have been deleted, or its record was kept only until its time was over.","/problems/state-conflict":"It has moved on in the meantime. Look at its state, and decide again.","/problems/throttled":"DynamoDB throttles the stack. Wait a moment, and try again.","/problems/unavailable":"DynamoDB or SQS does not answer the stack. Wait a moment, and try again.","/problems/unauthorized":"Start `taskway ui` with credentials that may call this API.","/problems/read-only":"This dashboard only looks. Start it without --read-only to change something.","/problems/internal":"The log of the stack has the cause under this request id."};function T({problem:e,retry:t,alone:n=!1}){if(!e||t&&!n&&e instanceof ve)return null;let o=e.problem??{},r=jr[o.type];return i`
    <div class="problem" role="alert">
      <p><strong>${Fr(e,o)}</strong></p>
      ${!o.errors?.length&&e.message!==o.title&&i`<p>${e.message}</p>`}
      ${o.errors?.length>0&&i`<ul>
        ${o.errors.map(a=>i`<li><code>${Ur(a)}</code> ${a.detail}</li>`)}
      </ul>`}
      ${r&&i`<p>${r}</p>`}
      ${e.id&&i`<p class="faint">request id <code>${e.id}</code></p>`}
      ${t&&i`<p><button type="button" onClick=${t}>Try again</button></p>`}
    </div>
  `}function Fr(e,t){return t.title?t.title:e instanceof ve?"The stack does not answer":e.status?`The API refused this with ${e.status}`:"This page failed"}function Ur({pointer:e,header:t,parameter:n}){return e??t??n??""}function q({problem:e,retry:t}){return e?i`<${T} problem=${e} retry=${t} alone />`:i`<p class="faint loading" role="status">Loading…</p>`}function S({label:e,hint:t,fault:n,children:o}){let r=nn(),a=Array.isArray(o)?o[0]:o;return i`<div class=${`field ${n?"faulty":""}`}>
    <label><span>${e}</span>${Jt(a,n||t?{"aria-describedby":r,"aria-invalid":n?"true":null}:{})}</label>
    ${n?i`<span id=${r} class="bad" role="alert">${n}</span>`:t&&i`<span id=${r} class="faint">${t}</span>`}
  </div>`}function Q(e,t){return(e?.problem?.errors??[]).filter(({pointer:r})=>r===t||r?.startsWith(`${t}/`)).map(({detail:r})=>r).join("; ")}function V(e){let t=String(e??"").trim();if(t==="")return null;let n=Number(t);return Number.isNaN(n)?t:n}var Wr=/^[\w.~+/=-]+$/;function gn(){let{refused:e}=w(Z),[t,n]=g(""),[o,r]=g(e?"The API did not take that token. It may have expired.":null);return i`
    <header class="top"><span class="brand"><img src="icon.svg" alt="" width="20" height="20" /> Taskway</span></header>
    <main>
      <h1>Sign in</h1>
      <form class="panel" onSubmit=${s=>{s.preventDefault();let l=t.trim().replace(/^bearer\s+/i,"");Wr.test(l)?Z.set({value:l,refused:!1}):r("A token has letters, digits and - . _ ~ + / = only. This one may have been cut, or has a character too many.")}}>
        <${S} label="Token" fault=${o} hint="A bearer token of the API's issuer, for one of its audiences. The page keeps it in memory only, so a reload asks for it again.">
          <input class="secret" type="text" required autofocus autocomplete="off" autocapitalize="off" spellcheck="false" value=${t} onInput=${s=>{n(s.target.value),r(null)}} />
        <//>
        <button type="submit" class="primary">Sign in</button>
      </form>
    </main>
  `}var Hr=40,xe=new Map;function Br(e,t){xe.delete(e),xe.set(e,{data:t,at:Date.now()}),xe.size>Hr&&xe.delete(xe.keys().next().value)}function A(e,t,n){let[o,r]=g({key:null}),a=j();a.current=t;let s=j();return He(()=>{if(e===null)return;let u=new AbortController,c=xo(async()=>{try{let m=await a.current(u.signal);if(u.signal.aborted)return;Br(e,m),r({key:e,data:m,at:Date.now()})}catch(m){u.signal.aborted||r(f=>({...f.key===e?f:xe.get(e),key:e,problem:m}))}},n);return s.current=c,()=>{c.stop(),u.abort()}},[e,n]),{...o.key===e?o:{...xe.get(e)},refresh:()=>s.current?.now()}}var Kr={dev:"taskway dev: the embedded stack, in one process on this machine",ui:"taskway ui: a server on this machine that passes calls on to the API",api:"the API itself. The page sends it your token, and keeps the token in memory only"},Qr=async e=>(await O(v("stats"),e)).json.usage??[];function Jr(){let{data:e,problem:t,refresh:n}=A("usage",Qr,6e4);return i`
    <section class="panel" aria-labelledby="usage">
      <h2 id="usage">What the calls cost</h2>
      <${T} problem=${t} retry=${n} />
      ${e?.length>0&&i`<table class="rows">
          <thead><tr><th scope="col">Month</th><th scope="col" class="num">Write units</th><th scope="col" class="num">Read units</th><th scope="col" class="num">SQS</th></tr></thead>
          <tbody>${e.map(({month:o,write_units:r,read_units:a,sqs_requests:s})=>i`<tr key=${o}><th scope="row">${o}</th>
                <td class="num">${k(r)}</td><td class="num">${k(a)}</td><td class="num">${k(s)}</td></tr>`)}</tbody>
        </table>`}
      ${e?.length===0&&i`<p>No process has told yet. Each tells its own once in five minutes.</p>`}
      ${!e&&!t&&i`<${q} />`}
      <p>Units of DynamoDB and requests to SQS that AWS bills for the calls of Taskway's processes, as far as they have told. Months are those of UTC. Lambda's time and its own polls of SQS, API Gateway, storage and logs come on top. The embedded stack counts what AWS would bill.</p>
    </section>`}function Jo(){let e=w(B),t=pe();return e?i`
    <h1>About</h1>
    <section class="panel"><dl class="fields">
      <dt>version</dt><dd>${e.version}</dd>
      <dt>served by</dt><dd>${Kr[e.serves]??e.serves}</dd>
      <dt>API</dt><dd><code>${t}</code></dd>
      <dt>may change things</dt><dd>${e.read_only?"no: it was started with --read-only":"yes"}</dd>
    </dl></section>
    <${Jr} />
    <section class="panel">
      <h2>What this page asks for</h2>
      <p>At most two requests a second while you look at it, and none while it is hidden. Nothing leaves for any other place. The numbers are those of the API: SQS's may be a minute old.</p>
      <p>It is drawn with Preact and htm: <a href="licences.txt">their licences</a>.</p>
    </section>
  `:i`<h1>About</h1><${q} />`}function _t(e){let t=/^((?:\\[\\=]|\\(?![\\=])|[^\\=])+)=(.*)$/s.exec(e),n=t?.[1].trim().replace(/\\([\\=])/g,"$1");return n?[n,t[2].trim()]:null}function ee(e,t){return`${e.replace(/[\\=]/g,"\\$&")}=${t}`}function zo({list:e,onCounted:t}){let[n,o]=g({counted:0,counting:!0});return P(()=>{let r=new AbortController;return Ro(e,r.signal,a=>!r.signal.aborted&&o({counted:a,counting:!0})).then(a=>{o({...a,counting:!1}),t(a.counted)},a=>!r.signal.aborted&&o(s=>({...s,counting:!1,problem:a}))),()=>r.abort()},[]),i`<p class="dry" aria-live="polite">
    ${n.counting&&i`Counting… <strong>${k(n.counted)}</strong> so far`}
    ${n.problem&&i`The count ended at <strong>${k(n.counted)}</strong>: ${n.problem.message}`}
    ${!n.counting&&!n.problem&&i`<strong>${W(n.more?{at_least:n.counted}:n.counted,"task")}</strong> ${n.counted===1?"matches":"match"} now.`}
  </p>`}var Go=["scheduled","queued","running","succeeded","failed","cancelled","expired"],zr={scheduled:"\u25F7",queued:"\u2261",running:"\u25B8",succeeded:"\u2713",failed:"\u2715",cancelled:"\u2298",expired:"\u25CC"},Se=e=>["scheduled","queued","running"].includes(e),qe=e=>["scheduled","queued"].includes(e),yt=e=>["succeeded","failed","cancelled","expired"].includes(e);function De({of:e}){return i`<span class=${`state ${e}`}><span class="shape" aria-hidden="true">${zr[e]??"?"}</span><span class="word">${e}</span></span>`}var Vo={cancel:{title:"Cancel this task?",text:"A task that waits never starts. A running attempt learns of it at its next heartbeat, within 30 s, and its result is dropped.",verb:"Cancel the task",done:"Cancelled.",many:"cancelled",manyText:"Those that wait never start. Running attempts learn of it at their next heartbeat, within 30 s, and their results are dropped."},run:{done:"It starts now.",many:"started",manyText:"They start now, whatever their time is.",danger:!1},retry:{title:"Start this task again?",text:"Its attempts are counted from 0. A deadline that has passed is dropped.",verb:"Start it again",danger:!1,done:"It starts again.",many:"started again",manyText:"Their attempts are counted from 0. Deadlines that have passed are dropped."}};async function Te(e,t){try{await e()}catch(n){return M(n.message,"bad"),!1}return M(t),!0}async function Yo(e,t){let{title:n,text:o,verb:r,danger:a,done:s}=Vo[e];return n&&!await oe({title:n,text:o,verb:r,danger:a})?!1:Te(()=>F("POST",v("tasks",t,e)),s)}async function Zo(e,t){let{many:n,manyText:o,danger:r}=Vo[e],a=W(t.length,"task"),s={cancel:"Cancel",run:"Run",retry:"Retry"}[e];if(!await oe({title:`${s} ${a}?`,text:o,verb:`${s} ${a}`,danger:r}))return!1;let u=e==="cancel"?hn(v("tasks","cancel"),t):t.map(d=>({path:v("tasks",d,e)}));return $t({title:`${s} ${a}`,verb:n,steps:u,total:t.length}),!0}async function Xo(e,t){let n=W(e.length,"task"),o=`Redrive ${n}?`;if(!await oe({title:o,text:t,verb:`Redrive ${n}`,danger:!1}))return!1;let a=hn(v("dead","redrive"),e);return $t({title:`Redrive ${n}`,verb:"started again",steps:a,total:e.length}),!0}function ea({queue:e,state:t,labels:n}){let o={limit:re};return e&&(o.queue=e),t&&(o.state=t),n.length>0&&(o.labels=Object.fromEntries(n)),o}function Le({queue:e,state:t,labels:n}){return{queue:e,state:t,...Object.fromEntries(n.map(([o,r])=>[`label.${o}`,r]))}}async function bt(e){return kn({title:"Redrive all that match",text:`${oa({...e,state:null},"every failed task")} start again. Their attempts are counted from 0.`,verb:"Redrive them",many:"started again",danger:!1,list:{path:v("dead"),parameters:Le({...e,state:""}),fits:()=>!0},step:{path:v("dead","redrive"),body:ea({...e,state:""})}})}async function ta(e){let t=ea(e),n=!e.queue&&!e.state&&e.labels.length===0;return kn({title:"Cancel all that match",text:`${oa(e,"every open task of the stack")} are cancelled, if they have not ended.`,verb:"Cancel them",many:"cancelled",typed:n?"everything":void 0,list:{path:v("tasks"),parameters:Le(e),fits:({state:o})=>Se(o)},step:{path:v("tasks","cancel"),body:n?{...t,all:!0}:t}})}async function na(e){return kn({title:`Purge ${e}`,text:"The tasks of this queue that wait are cancelled. Those that run go on, and the queue stays.",verb:"Purge the queue",many:"cancelled",typed:e,list:{path:v("tasks"),parameters:{queue:e},fits:({state:t})=>qe(t)},step:{path:v("queues",e,"purge"),body:{}}})}async function kn({title:e,text:t,verb:n,many:o,danger:r,typed:a,list:s,step:l}){let u=null,c=i`<p>${t}</p><${zo} list=${s} onCounted=${m=>{u=m}} />`;return await oe({title:`${e}?`,text:c,verb:n,danger:r,typed:a})?($t({title:e,verb:o,steps:[l],total:u}),!0):!1}function oa({queue:e,state:t,labels:n},o){let r=[];e&&r.push(`in queue ${e}`),t&&r.push(`that are ${t}`);for(let[a,s]of n)r.push(`with ${ee(a,s)}`);return r.length>0?`Tasks ${r.join(", ")}`:`${o[0].toUpperCase()}${o.slice(1)}`}function Gr(e){let t=(e?.message??"no error was kept").replace(/"[^"]*"|'[^']*'|`[^`]*`/g,'"\u2026"').replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,"\u2026").replace(/\bt[A-Za-z0-9_-]{30,}\b/g,"\u2026").replace(/0x[0-9a-f]+|\d+(?:[.,]\d+)*/gi,"#");return`${e?.kind??"unknown"}: ${t}`}function gt(e){let t=new Map;for(let o of e){let r=Gr(o.error),a=t.get(r)??{key:r,kind:o.error?.kind??"unknown",tasks:[],queues:new Map};a.tasks.push(o),a.queues.set(o.queue,(a.queues.get(o.queue)??0)+1),t.set(r,a)}return[...t.values()].map(o=>({...o,latest:o.tasks[0],first:o.tasks[o.tasks.length-1]})).sort((o,r)=>r.tasks.length-o.tasks.length)}function aa({tasks:e,next_cursor:t},n,o){let r=Array(n).fill(0),a=({finished_at:u})=>n-1-Math.max(0,Math.floor((o-Date.parse(u))/6e4));for(let u of e)a(u)>=0&&(r[a(u)]+=1);let s=e[e.length-1],l=t?s?a(s):n-1:-1;return r.map((u,d)=>d>l?u:d===l?{at_least:u}:null)}async function ze(e,t){let{json:n}=await O(U(v("dead"),e),t);return n}function kt(e){return{queue:e.get("queue")??"",state:e.get("state")??"",labels:[...e].filter(([t])=>t.startsWith("label.")).map(([t,n])=>[t.slice(6),n]),cursor:e.get("cursor")??""}}function J(e,{queue:t,state:n,labels:o,cursor:r=""}){let a={queue:t,state:n,...Object.fromEntries(o.map(([s,l])=>[`label.${s}`,l])),cursor:r};return b([e],a)}function vt(e,t,n){X(J(e,{...t,cursor:"",...n}))}var Vr=100,Re=E(new Map);async function Ie(e){let{json:t}=await O(U(v("queues"),{limit:Vr}),e);return t}async function vn(e,t){let{json:n}=await O(v("queues",e),t);return Re.set(o=>new Map(o).set(e,{...n,at:Date.now()})),n}async function wt(e,t){let n=Re.get(),o=a=>n.get(a)?.at??0,[r]=[...e].sort((a,s)=>o(a)-o(s));return r!==void 0&&await vn(r,t),null}function ra(e){return!!(e.concurrency??e.rate??e.per_key?.concurrency??e.per_key?.rate)}function Ge({screen:e,filters:t,states:n=!1}){let o=A("queues",Ie,6e4);return i`<div class="filters" role="search" aria-label="Filters">
    ${n&&i`<${Yr} screen=${e} filters=${t} />`}
    <div class="inputs">
      <${Zr} screen=${e} filters=${t} known=${o.data?.queues??[]} />
      <${Xr} screen=${e} filters=${t} />
      ${t.labels.map(([r,a],s)=>i`<span class="chip" key=${r}>${ee(r,a)}
          <button type="button" class="quiet" aria-label=${`Remove the label ${ee(r,a)}`} onClick=${()=>vt(e,t,{labels:t.labels.filter((l,u)=>u!==s)})}>✕</button>
        </span>`)}
      ${(t.queue||t.labels.length>0)&&i`<a href=${J(e,{state:t.state,labels:[]})}>Clear</a>`}
    </div>
  </div>`}function Yr({screen:e,filters:t}){let n=(o,r)=>i`<a class="tab" key=${o} aria-current=${t.state===o?"true":null} href=${J(e,{...t,cursor:"",state:o})}>${r}</a>`;return i`<nav class="tabs" aria-label="States">${n("","all")}${Go.map(o=>n(o,o))}</nav>`}function Zr({screen:e,filters:t,known:n}){let[o,r]=g(t.queue);P(()=>r(t.queue),[t.queue]);let a=()=>o.trim()!==t.queue&&vt(e,t,{queue:o.trim()});return i`<label>Queue
    <input type="search" data-filter list="queues" value=${o} placeholder="any" autocomplete="off"
      onInput=${s=>r(s.target.value)} onChange=${a} onSearch=${a}
      onKeyDown=${s=>s.key==="Enter"&&a()} />
    <datalist id="queues">${n.map(({name:s})=>i`<option key=${s} value=${s} />`)}</datalist>
  </label>`}function Xr({screen:e,filters:t}){let[n,o]=g(""),[r,a]=g(!1),s=()=>{let l=_t(n);a(!l&&n.trim()!==""),l&&(o(""),vt(e,t,{labels:[...t.labels.filter(([u])=>u!==l[0]),l]}))};return i`<label>Label
    <input value=${n} placeholder="name=value" title="\\= stands for a = in the name" autocomplete="off"
      aria-invalid=${r?"true":null} aria-describedby=${r?"label-fault":null}
      onInput=${l=>{o(l.target.value),a(!1)}} onChange=${s} onKeyDown=${l=>l.key==="Enter"&&s()} />
    ${r&&i`<span id="label-fault" class="bad" role="alert">Type name=value, with \\= for a = in the name.</span>`}
  </label>`}var wn=new Set;setInterval(()=>{if(!document.hidden)for(let e of wn)e()},1e3);function sa(e){let[,t]=g(""),n=e(Date.now());return P(()=>{let o=()=>t(e(Date.now()));return wn.add(o),()=>wn.delete(o)}),n}function D({at:e}){let t=sa(n=>Mo(Date.parse(e),n));return i`<time datetime=${e} title=${$n(e)}>${t}</time>`}function xt({at:e}){let t=sa(n=>z(n-Date.parse(e)));return i`<time datetime=${e} title=${`since ${$n(e)}`}>${t}</time>`}function me({tasks:e,selected:t,onSelect:n}){let o=t&&e.length>0&&e.every(({id:r})=>t.has(r));return i`<div class="scroll"><table class="rows tasks">
    <thead><tr>
      ${t&&i`<td class="check"><input type="checkbox" aria-label="Select all on this page" checked=${o} onChange=${()=>n(e,!o)} /></td>`}
      <th scope="col">State</th><th scope="col">Task</th><th scope="col" class="wide">Queue</th>
      <th scope="col" class="num wide">Attempt</th><th scope="col" class="wide">Details</th><th scope="col" class="num">When</th>
    </tr></thead>
    <tbody>${e.map(r=>i`<${es} key=${r.id} task=${r} selected=${t} onSelect=${n} />`)}</tbody>
  </table></div>`}function es({task:e,selected:t,onSelect:n}){let o=t?.has(e.id);return i`<tr data-row class=${o?"chosen":""}>
    ${t&&i`<td class="check"><input type="checkbox" aria-label=${`Select ${e.id}`} checked=${o} onChange=${()=>n([e],!o)} /></td>`}
    <td><${De} of=${e.state} /></td>
    <th scope="row"><a class="row" href=${b(["tasks",e.id])}><span class="name">${ne(e.target)}</span><code class="id">${e.id}</code></a></th>
    <td class="wide"><a href=${b(["tasks"],{queue:e.queue})}>${e.queue}</a></td>
    <td class="num wide">${e.attempt}<span class="faint"> / ${e.retry.max_attempts}</span></td>
    <td class="wide known">${ts(e)}</td>
    <td class="num when">${ns(e)}</td>
  </tr>`}function ts({error:e,progress:t,schedule:n,labels:o,state:r,fairness_key:a}){if(e&&r!=="cancelled")return i`<span class="bad" title=${e.message}>${e.kind}: ${e.message}</span>`;if(r==="running"&&t)return i`<progress max=${t.total||1} value=${t.done} aria-label="progress"></progress> ${t.done} / ${t.total}`;let s=Object.entries(o??{}).map(([l,u])=>ee(l,u));return a&&s.unshift(`key ${a}`),n&&s.unshift(`schedule ${n}`),i`<span class="faint">${s.join(", ")}</span>`}function ns(e){if(e.state==="running")return i`<${xt} at=${e.started_at} />`;if(e.finished_at)return i`<${D} at=${e.finished_at} />`;let t=e.next_attempt_at??e.run_at;return i`${Date.parse(t)<Date.now()&&"due "}<${D} at=${t} />`}var xn=50;function ia({query:e}){let t={...kt(e),state:""},n=Le(t),o=`dead ${JSON.stringify(n)}`,r=A(o,f=>ze({...n,limit:re},f),15e3),a=as(o,n),s=K(),l=ge(()=>os(r.data?.tasks??[],a.tasks),[r.data,a.tasks]),u=ge(()=>gt(l),[l]),d=a.pages>0?a.next:r.data?.next_cursor,c=e.get("group"),m=f=>f&&r.refresh();return r.data?i`
    <h1>Dead letters</h1>
    <${Ge} screen="dead" filters=${t} />
    <${T} problem=${r.problem} retry=${r.refresh} />
    ${l.length===0?i`<${ss} filters=${t} />`:i`
        <div class="actions">
          ${!s&&i`<button type="button" onClick=${()=>bt(t).then(m)}>Redrive all that match…</button>`}
          <span>${W(d?{at_least:l.length}:l.length,"failed task")} in ${W(u.length,"group")}</span>
          ${d&&i`<button type="button" disabled=${a.reading} onClick=${()=>a.read(d)}>${a.reading?"Reading\u2026":`Read ${re} older`}</button>`}
        </div>
        <${T} problem=${a.problem} />
        <ol class="plain groups">
          ${u.map(f=>i`<${rs} key=${f.key} group=${f} open=${c===f.key} filters=${t} readOnly=${s} done=${m} />`)}
        </ol>`}
  `:i`<h1>Dead letters</h1><${Ge} screen="dead" filters=${t} /><${q} problem=${r.problem} retry=${r.refresh} />`}function os(e,t){return[...new Map([...e,...t].map(o=>[o.id,o])).values()]}function as(e,t){let n={key:e,tasks:[],next:null,pages:0,reading:!1},[o,r]=g(n);P(()=>r(n),[e]);let a=o.key===e?o:n;return{...a,read:async l=>{r({...a,reading:!0,problem:null});try{let u=await ze({...t,limit:re,cursor:l});r({...a,tasks:[...a.tasks,...u.tasks],next:u.next_cursor,pages:a.pages+1,reading:!1})}catch(u){r({...a,reading:!1,problem:u})}}}}function rs({group:e,open:t,filters:n,readOnly:o,done:r}){let{key:a,tasks:s,latest:l,first:u,queues:d}=e,c=s.map(({id:h})=>h),m=Object.fromEntries(n.labels.map(([h,$])=>[`label.${h}`,$])),f=b(["dead"],{queue:n.queue,...m,group:t?"":a}),p=()=>Xo(c,`${W(c.length,"task")} that failed with \u201C${a}\u201D start again. Their attempts are counted from 0.`);return i`<li class="panel group" data-row>
    <div class="group-head">
      <span class="big num">${k(s.length)}</span>
      <div class="grow">
        <a class="row message" aria-expanded=${t} href=${f} onClick=${h=>{h.preventDefault(),ht(f)}}>${a}</a>
        <p class="faint">latest <${D} at=${l.finished_at} />${s.length>1&&i`, first <${D} at=${u.finished_at} />`} · ${[...d].map(([h,$])=>i`<a key=${h} href=${J("dead",{...n,queue:h})}>${h}</a> ${k($)} `)}</p>
      </div>
      ${!o&&i`<button type="button" onClick=${()=>p().then(r)}>Redrive ${k(s.length)}…</button>`}
    </div>
    ${t&&i`<${me} tasks=${s.slice(0,xn)} selected=${null} />${s.length>xn&&i`<p class="faint">The latest ${xn} of ${k(s.length)}.</p>`}`}
  </li>`}function ss({filters:e}){let t=!e.queue&&e.labels.length===0;return i`<section class="panel teach">
    <h2>${t?"No task has failed":"No failed task matches"}</h2>
    <p>A task comes here when no attempt is left, or when an attempt fails for good. It stays until it is started again or its record's time is over.</p>
    ${!t&&i`<p><a href=${b(["dead"])}>Show all</a></p>`}
  </section>`}var is=100,Ve=6e4,ls=10*Ve,Sn=E([]);async function la(e){let{json:t}=await O(U(v("tasks"),{limit:is}),e),n=Date.now(),o=cs(t,n),r=Math.round(o.came*Ve/o.within);return Sn.set(a=>[...a.filter(([s])=>s>n-ls),[n,r]]),o}function cs({tasks:e,next_cursor:t},n){let o=e.map(({created_at:l})=>n-Date.parse(l)),r=o[o.length-1]??Ve,a=t?Math.min(Math.max(r,1e3),Ve):Ve,s=l=>e.filter(({state:u})=>u===l).length;return{came:o.filter(l=>l<=a).length,within:a,tasks:e.length,succeeded:s("succeeded"),failed:s("failed")}}var ca=["succeeded","failed","cancelled","expired"],us=e=>ca.reduce((t,n)=>t+e[n],0);function ua(e,t){let n=Array(60).fill(0),o=Math.floor(t/6e4);for(let a of e){let s=Math.min(59,59-o+Date.parse(a.at)/6e4);s>=0&&(n[s]+=us(a))}let r=a=>e.reduce((s,l)=>s+l[a],0);return{minutes:n,ended:ca.reduce((a,s)=>a+r(s),0),failed:r("failed")}}var da=/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;function*ds(e){for(let[t]of e.matchAll(da))yield t}var St=new Set(["{","["]),pa=new Set(["}","]"]);function Tt(e){let t=[],n=0,o="",r=[...ds(e)],a=()=>t.push(["space",`
${"  ".repeat(n)}`]);return r.forEach((s,l)=>{pa.has(s)?(n-=1,St.has(o)||a(),t.push(["mark",s])):((St.has(o)||o===",")&&a(),t.push([ps(s,r[l+1]),s]),s===":"&&t.push(["space"," "]),St.has(s)&&(n+=1)),o=s}),t}function ps(e,t){return e.startsWith('"')?t===":"?"name":"string":e.length===1&&"{}[],:".includes(e)?"mark":e==="true"||e==="false"||e==="null"?"word":"number"}function te(e){return Tt(e).map(([,t])=>t).join("")}function se(e,t){let n=0,o=!1,r=-1;for(let a of e.matchAll(da)){let[s]=a;if(n===1&&r>=0&&(s===","||s==="}"))return e.slice(r,a.index).trim();o&&s===":"?(r=a.index+1,o=!1):n===1&&r<0&&s.startsWith('"')&&(o=JSON.parse(s)===t&&/^\s*:/.test(e.slice(a.index+s.length,a.index+s.length+20))),St.has(s)&&(n+=1),pa.has(s)&&(n-=1)}}function Ae(e,t){return`{${[...Object.entries(e).map(([r,a])=>[r,JSON.stringify(a)]),...Object.entries(t)].filter(([,r])=>r!==void 0).map(([r,a])=>`${JSON.stringify(r)}:${a}`).join(",")}}`}function Ye(e){try{return JSON.parse(e),null}catch(t){return t.message}}function At(e){let t={true:"True",false:"False",null:"None"};return Tt(e).map(([n,o])=>n==="name"||n==="string"?JSON.stringify(JSON.parse(o)):n==="word"?t[o]:o).join("")}var ms={queue:"default",priority:"normal",timeout_seconds:60,retain_seconds:604800},fs={max_attempts:5,min_backoff_seconds:1,max_backoff_seconds:600,multiplier:2},hs=["target","queue","priority","timeout_seconds","retry","fairness_key","expected_duration_ms","retain_seconds","labels"],Ct=["on_success","on_failure"];function Et(e,t){let n={};for(let r of hs){let a=e[r];if(!(a==null||a===ms[r])&&!(r==="labels"&&Object.keys(a).length===0)){if(r==="retry"){let s=Object.entries(a).filter(([l,u])=>u!==fs[l]);s.length>0&&(n.retry=Object.fromEntries(s));continue}n[r]=a}}let o={};for(let r of Ct)e[r]!=null&&(o[r]=se(t,r));return{fields:n,callbacks:o,payload:se(t,"payload")??"null"}}function fa({fields:e,callbacks:t,payload:n}){return te(Ae(e,{...t,payload:n}))}var $s={token:()=>['-H "authorization: Bearer $TASKWAY_TOKEN"'],signature:e=>[`--aws-sigv4 "aws:amz:${_s(e)}:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"`,'${AWS_SESSION_TOKEN:+"-Hx-amz-security-token: $AWS_SESSION_TOKEN"}']};function _s(e){return/\.execute-api\.([a-z]+(?:-[a-z]+)+-\d+)\./.exec(new URL(e).hostname)?.[1]??"$AWS_REGION"}function ha({fields:e,callbacks:t,payload:n},o,r){return Tn(Ae(e,{...t,payload:n}),o,r)}function Tn(e,t,n){return`${[`curl -s ${t}/v1/tasks`,...$s[n]?.(t)??[],"-H 'content-type: application/json'"].join(" ")} -d ${Ot(e)}`}function Nt({fields:e,callbacks:t,payload:n},o,r){let{target:a,retry:s={},labels:l={}}=e,u=r==="signature"&&!o.startsWith("https:")?["--sign"]:[],d=["taskway","--url",o,...u,"submit"],c=(m,f)=>f!=null&&d.push(m,Ot(String(f)));if(a.handler&&d.push(a.handler),a.http){c("--http",a.http.url),a.http.method!=="POST"&&c("--method",a.http.method);for(let[m,f]of Object.entries(a.http.headers??{}))c("--header",`${m}:${f}`)}a.lambda&&(c("--lambda",a.lambda.function),c("--invocation",a.lambda.invocation),c("--tenant-id",a.lambda.tenant_id)),n!=="null"&&d.push(a.handler?Ot(n):`--payload ${Ot(n)}`),c("--queue",e.queue),c("--priority",e.priority),c("--timeout",e.timeout_seconds),c("--max-attempts",s.max_attempts),c("--min-backoff",s.min_backoff_seconds),c("--max-backoff",s.max_backoff_seconds),c("--multiplier",s.multiplier),c("--fairness-key",e.fairness_key),c("--expected-duration-ms",e.expected_duration_ms),c("--retain",e.retain_seconds);for(let[m,f]of Object.entries(l))c("--label",ee(m,f));for(let[m,f]of Object.entries(t))c(`--${m.replace("_","-")}`,f);return d.join(" ")}function $a({fields:e,callbacks:t,payload:n},o){let{target:r,retry:a}=e,s=p=>At(JSON.stringify(p)),l=[],u=(p,h)=>h!=null&&l.push(`${p}=${h}`),d=new Set(["Taskway"]),c=({handler:p,http:h,lambda:$})=>h?(d.add("Http"),`Http(${s(h.url)}, ${s(h.method??"POST")}, ${s(h.headers??{})})`):$?(d.add("Lambda"),`Lambda(${s($.function)}, ${s($.invocation??null)}, ${s($.tenant_id??null)})`):s(p??""),m=c(r);for(let p of["queue","priority","fairness_key","labels"])e[p]!=null&&u(p,s(e[p]));u("timeout",e.timeout_seconds),u("retain",e.retain_seconds),e.expected_duration_ms!=null&&u("expected_duration",e.expected_duration_ms/1e3);for(let[p,h]of Object.entries(t)){d.add("Callback");let _=["queue","payload","labels"].map(y=>[y,se(h,y)]).filter(([,y])=>y!==void 0&&y!=="null").map(([y,N])=>`${y}=${ma(At(N))}`);u(p,`Callback(${[c(JSON.parse(h).target),..._].join(", ")})`)}if(a){d.add("RetryPolicy");let p=Object.entries(a).map(([h,$])=>`${h.replace("_seconds","")}=${$}`);u("retry",`RetryPolicy(${p.join(", ")})`)}let f=l.map(p=>`, ${p}`).join("");return`from taskway import ${[...d].sort().join(", ")}

with Taskway(${s(o)}) as taskway:
    task = taskway.submit(${m}, ${ma(At(n))}${f})
    print(task.id)`}function ma(e){return e.replaceAll(`
`,`
    `)}function Ot(e){return/^[\w.,:/@%+=-]+$/.test(e)?e:`'${e.replaceAll("'","'\\''")}'`}function Pt({text:e,label:t="Copy"}){return i`<button type="button" class="quiet" onClick=${()=>ys(e)}>${t}</button>`}async function ys(e){try{await navigator.clipboard.writeText(e),M("Copied.")}catch{M("This browser does not let a page copy. Select the text and copy it by hand.","bad")}}function ie({text:e,label:t}){let n=j();return i`
    <div class="snippet">
      <pre ref=${n} tabindex="0" role="region" aria-label=${t} onClick=${()=>{window.getSelection().isCollapsed&&window.getSelection().selectAllChildren(n.current)}}>${e}</pre>
      <${Pt} text=${e} />
    </div>
  `}var bs='eval "$(aws configure export-credentials --format env)"';function qt(){let e=w(B)?.sender,t={signature:i`curl signs with the AWS credentials in the variables of your shell. The AWS CLI sets those of a profile: <code>${bs}</code>`,token:i`curl sends the token in <code>TASKWAY_TOKEN</code> of your shell.`,password:i`Add the user and password of the URL with <code>--user</code>.`}[e];return t?i`<p class="faint">${t}</p>`:null}function Me(){let e=w(B),t=pe(),n=Tn('{"target": {"handler": "echo"}, "payload": {"hello": "world"}}',t,e?.sender),r=Nt({fields:{target:{handler:"echo"}},callbacks:{},payload:'{"hello": "world"}'},t,e?.sender);return i`<section class="panel teach">
    <h2>No task yet</h2>
    <p>Paste one of these into a shell, and the task appears here. Or <a href=${b(["submit"],{template:"echo"})}>fill in a form</a>.</p>
    <${ie} label="A first task with the taskway command" text=${r} />
    <${ie} label="A first task with curl" text=${n} />
    <${qt} />
  </section>`}function _a(e){let t=new Map;for(let{handlers:n,running:o,last_seen_at:r}of e)for(let a of n){let s=t.get(a)??{name:a,programs:0,running:0,seen:r};t.set(a,{...s,programs:s.programs+1,running:s.running+(o?1:0)})}return[...t.values()].sort((n,o)=>n.name<o.name?-1:1)}function ya({programs:e}){return e?i`<section class="panel" aria-labelledby="handlers">
    <h2 id="handlers">Handlers</h2>
    ${e.length===0?i`<${ks} />`:i`<${gs} handlers=${_a(e)} />`}
  </section>`:null}function gs({handlers:e}){return i`
    <div class="scroll">
      <table class="rows handlers">
        <thead><tr><th scope="col">Handler</th><th scope="col" class="num">Programs</th><th scope="col" class="num wide">Running</th><th scope="col" class="num">Last seen</th></tr></thead>
        <tbody>${e.map(({name:t,programs:n,running:o,seen:r})=>i`<tr key=${t}>
            <th scope="row">${t}</th>
            <td class="num">${k(n)}</td>
            <td class=${`num wide ${o===0?"faint":""}`}>${k(o)}</td>
            <td class="num when"><${D} at=${r} /></td>
          </tr>`)}</tbody>
      </table>
    </div>
    <p class="faint">Executors with the same handlers are one program. A program counts as running for two minutes after it was last seen. A function is seen when it has work.</p>
  `}function ks(){return i`
    <p>No program has announced handlers within the last week. A worker announces its handlers when it starts, and every 30 s. A function does so when it gets tasks.</p>
    <p>Start a worker in a shell whose <code>TASKWAY_TABLE</code> and <code>TASKWAY_QUEUE_…</code> name this stack, and its handlers appear here.</p>
    <${ie} label="A worker with the shipped handlers" text="taskway worker" />
    <p class="faint">A task that calls a URL or a Lambda function needs no handler.</p>
  `}var Oe=240,fe=36,vs=6e4;function ba({name:e,points:t,tone:n=""}){let o=t.length>0?t[t.length-1][0]:0,r=Math.max(vs,t.length>0?o-t[0][0]:0),a=Math.max(1,...t.map(([,p])=>p)),s=p=>Oe-(o-p)/r*Oe,l=p=>fe-2-p/a*(fe-4),u=t.map(([p,h],$)=>`${$===0?"M":"L"}${s(p).toFixed(1)},${l(h).toFixed(1)}`).join(""),d=t.length>0?s(t[0][0]).toFixed(1):Oe,c=t.length>0?t[t.length-1][1]:0,m=Math.round(r/6e4),f=`${e}: now ${k(c)}, highest ${k(Math.max(0,...t.map(([,p])=>p)))} in ${m} min`;return i`
    <svg class=${`spark ${n}`} viewBox="0 0 ${Oe} ${fe}" preserveAspectRatio="none" role="img" aria-label=${f}>
      <title>${f}</title>
      ${t.length>1&&i`<path class="under" d=${`${u}L${Oe},${fe}L${d},${fe}Z`} />`}
      ${t.length>1&&i`<path class="line" d=${u} vector-effect="non-scaling-stroke" />`}
    </svg>
  `}function An({name:e,values:t,each:n,tone:o=""}){let r=t.filter(c=>c!==null),a=r.reduce((c,m)=>G(m)>G(c)?m:c),s=Math.max(1,G(a)),l=Oe/t.length,u=k(t[t.length-1]),d=`${e}: ${u} in the latest ${n}, at most ${k(a)} in one of ${r.length}`;return i`
    <svg class=${`spark ${o}`} viewBox="0 0 ${Oe} ${fe}" preserveAspectRatio="none" role="img" aria-label=${d}>
      <title>${d}</title>
      ${t.map((c,m)=>{if(c===null)return null;let f=G(c)===0?1:Math.max(3,G(c)/s*fe);return i`<rect class=${G(c)===0?"none":"column"} x=${m*l+1} y=${fe-f} width=${l-2} height=${f} />`})}
    </svg>
  `}function Ze({name:e,value:t,of:n}){let o=Math.min(t??0,n),r=n>0?o/n:0,a=r>=1?"full":r>=.8?"high":"";return i`
    <span class="gauge">
      <meter class=${a} min="0" max=${n} value=${o} aria-label=${e}></meter>
      <span class="number">${k(t)} / ${k(n)}</span>
    </span>
  `}function Dt({queues:e,more:t}){let n=w(Re);return i`
    <div class="scroll">
      <table class="rows queues">
        <thead><tr>
          <th scope="col">Queue</th><th scope="col"><span class="word">State</span></th><th scope="col">Running</th>
          <th scope="col" class="num">Held</th><th scope="col" class="num">Failed</th>
        </tr></thead>
        <tbody>
          ${e.map(o=>i`<${ws} key=${o.name} queue=${{...n.get(o.name),...o}} />`)}
        </tbody>
      </table>
    </div>
    ${t&&i`<p class="faint">These are the first ${e.length} queues. Others are found by name: <code>${"#/queues/NAME"}</code>.</p>`}
  `}function ws({queue:e}){let{name:t,paused:n,concurrency:o,rate:r,held:a,failed:s,running:l}=e;return i`<tr data-row>
    <th scope="row"><a class="row" href=${b(["queues",t])}>${t}</a></th>
    <td>${n?i`<span class="state paused"><span class="shape" aria-hidden="true">‖</span><span class="word">paused</span></span>`:ra(e)?i`<span class="faint word">limited</span>`:i`<span class="faint word">open</span>`}</td>
    <td>${o?i`<${Ze} name=${`running in ${t}`} value=${l} of=${o} />`:i`<span class="faint">${r?Je(r):"no limit"}</span>`}</td>
    <td class="num">${ga(a,["tasks"],{queue:t,state:"scheduled"})}</td>
    <td class="num">${ga(s,["dead"],{queue:t},"bad")}</td>
  </tr>`}function ga(e,t,n,o=""){return e==null||e===0?i`<span class="faint">${k(e)}</span>`:i`<a class=${o} href=${b(t,n)}>${k(e)}</a>`}var xs=10*6e4,Lt=["high","normal","low"],On=E([]);async function ka(e){let{json:t}=await O(v("stats"),e),n=r=>Lt.reduce((a,s)=>a+t.lanes[s][r],0),o={at:Date.now(),waiting:n("waiting"),in_flight:n("in_flight"),delayed:n("delayed")};return On.set(r=>[...r.filter(({at:a})=>a>o.at-xs),o]),t}var va=15,Ss=100,Ts=8;function xa(){let e=A("stats",ka,2e3),t=A("queues",Ie,1e4),n=A("overview-dead",l=>ze({limit:Ss},l),15e3),o=(t.data?.queues??[]).map(({name:l})=>l),r=t.data&&!t.data.next_cursor&&o.length>0,a=A(r?"arrivals":null,la,3e4);A(o.length>0?`details ${o.join(" ")}`:null,l=>wt(o,l),2e3);let s=e.data&&i`<${ya} programs=${e.data.programs} />`;return t.data&&o.length===0?i`<h1>Overview</h1><${Me} /><div class="teach">${s}</div>`:i`
    <h1>Overview</h1>
    <${T} problem=${e.problem} retry=${e.refresh} />
    ${e.data?i`<${As} stats=${e.data} dead=${n.data} arrivals=${r&&a.data} />`:!e.problem&&i`<${q} />`}
    <div class="columns">
      <div>
        <section class="panel">
          <h2>Queues</h2>
          ${t.data?i`<${Dt} queues=${t.data.queues} more=${t.data.next_cursor} />`:i`<${q} problem=${t.problem} retry=${t.refresh} />`}
        </section>
        <section class="panel">
          <h2>Lanes</h2>
          ${e.data?i`<${Es} stats=${e.data} />`:i`<${q} problem=${e.problem} retry=${e.refresh} />`}
        </section>
      </div>
      <div>
        <section class="panel">
          <h2>Failures</h2>
          ${n.data?i`<${Ns} list=${n.data} />`:i`<${q} problem=${n.problem} retry=${n.refresh} />`}
        </section>
        <${Ps} />
        ${s}
      </div>
    </div>
  `}function As({stats:e,dead:t,arrivals:n}){let o=w(On),r=w(Sn),a=c=>o.map(m=>[m.at,m[c]]),s=c=>Lt.reduce((m,f)=>m+e.lanes[f][c],0),l=e.promotion_lag_seconds,u=G(e.unreadable),d=t&&aa(t,va,Date.now());return i`
    <div class="tiles">
      ${n&&i`<${Rt} name="New tasks" value=${n.came} line="New tasks a minute" points=${r} note=${Cs(n)} />`}
      <${Rt} name="Waiting" value=${s("waiting")} note="for an executor" points=${a("waiting")} />
      <${Rt} name="Running" value=${s("in_flight")} note="in flight" points=${a("in_flight")} tone="run" />
      <${Rt} name="Delayed" value=${s("delayed")} note="due within 15 min" points=${a("delayed")} tone="wait" />
      <div class=${`tile ${G(e.due_backlog)>0?"warn":""}`}>
        <h2>Late</h2>
        <p class="big">${k(e.due_backlog)}</p>
        <p class="faint">${l>0?`the oldest by ${z(l*1e3)}`:"nothing is past its time"}</p>
      </div>
      ${e.ended&&i`<${Os} hour=${ua(e.ended,Date.now())} />`}
      <div class="tile">
        <h2>Failures</h2>
        <p class="big">${d?k(d[va-1]):"\u2013"}</p>
        ${d?i`<${An} name="Failures" values=${d} each="minute" tone="fail" />`:""}
        <p class="faint">in the latest minute</p>
      </div>
      ${u>0&&i`<div class="tile warn"><h2>Unreadable</h2><p class="big">${k(e.unreadable)}</p>
        <p class="faint">messages wait for a person</p></div>`}
    </div>
  `}function Os({hour:{minutes:e,ended:t,failed:n}}){let o=t===0?"":`, ${Io(n/t)}`;return i`<div class="tile">
    <h2>Ended</h2>
    <p class="big">${k(t)}</p>
    <${An} name="Ended tasks" values=${e} each="minute" />
    <p class="faint">in the last hour; ${k(n)} failed${o}</p>
  </div>`}function Rt({name:e,value:t,line:n=e,note:o,points:r,tone:a}){return i`<div class="tile">
    <h2>${e}</h2>
    <p class="big">${k(t)}</p>
    <${ba} name=${n} points=${r} tone=${a} />
    <p class="faint">${o}</p>
  </div>`}function Cs({within:e,tasks:t,succeeded:n,failed:o}){return`in ${e<6e4?z(e):"a minute"}; of the newest ${t}, ${n} succeeded, ${o} failed`}function Es({stats:e}){return i`<table>
    <thead><tr><th scope="col">Lane</th><th scope="col" class="num">Waiting</th><th scope="col" class="num">Running</th><th scope="col" class="num">Delayed</th></tr></thead>
    <tbody>
      ${Lt.map(t=>i`<tr key=${t}><th scope="row">${t}</th>${wa(e.lanes[t])}</tr>`)}
      <tr><th scope="row">dead letters</th>${wa(e.dead_letters)}</tr>
    </tbody>
  </table>`}function wa({waiting:e,in_flight:t,delayed:n}){return[e,t,n].map(o=>i`<td class=${`num ${o===0?"faint":""}`}>${k(o)}</td>`)}function Ns({list:e}){let t=ge(()=>gt(e.tasks),[e]);return t.length===0?i`<p class="faint">No task has failed.</p>`:i`
    <ul class="plain failures">
      ${t.slice(0,5).map(n=>i`<li key=${n.key}>
          <a href=${b(["dead"],{group:n.key})}><span class="num">${k(n.tasks.length)}</span><span class="message">${n.key}</span></a>
          <span class="faint"><${D} at=${n.latest.finished_at} /></span>
        </li>`)}
    </ul>
    <p class="faint">Of the ${e.next_cursor?"latest ":""}${W(e.tasks.length,"failed task")}. <a href=${b(["dead"])}>All dead letters</a></p>
  `}function Ps(){let t=[...w(Re).values()].flatMap(n=>(n.keys??[]).map(o=>({...o,queue:n.name})));return t.sort((n,o)=>G(o.held)-G(n.held)),t.length===0?null:i`<section class="panel">
    <h2>Busiest keys</h2>
    <table>
      <thead><tr><th scope="col">Key</th><th scope="col">Queue</th><th scope="col" class="num">Running</th><th scope="col" class="num">Held</th></tr></thead>
      <tbody>
        ${t.slice(0,Ts).map(n=>i`<tr key=${`${n.queue} ${n.key}`}>
            <th scope="row">${n.key}</th>
            <td><a href=${b(["queues",n.queue])}>${n.queue}</a></td>
            <td class="num">${k(n.running)}</td>
            <td class="num">${k(n.held)}</td>
          </tr>`)}
      </tbody>
    </table>
  </section>`}var Sa=e=>({tasks:e?.tasks??"",per_seconds:e?.per_seconds??"",burst:e?.burst??""});function Ta({tasks:e,per_seconds:t,burst:n}){return[e,t,n].every(o=>String(o).trim()==="")?null:{tasks:V(e),per_seconds:V(t)??1,burst:V(n)??void 0}}function Oa({queue:e,done:t}){let[n,o]=g(e.concurrency??""),[r,a]=g(e.per_key.concurrency??""),[s,l]=g(Sa(e.rate)),[u,d]=g(Sa(e.per_key.rate)),[c,m]=g(null),[f,p]=g(!1);return i`<form class="panel" onSubmit=${async $=>{$.preventDefault(),p(!0);try{let x={concurrency:V(r),rate:Ta(u)};await F("PATCH",v("queues",e.name),{concurrency:V(n),rate:Ta(s),per_key:x}),M("The limits are changed. They take effect within 5 s."),t()}catch(x){m(x),p(!1)}}} aria-label="Limits">
    <h2>Limits of ${e.name}</h2>
    <p class="faint">An empty field means no limit. Limits count the attempts of all executors together.</p>
    <div class="form-grid">
      <fieldset><legend>The queue</legend>
        <${S} label="Run at once" fault=${Q(c,"/concurrency")}><input inputmode="numeric" name="concurrency" value=${n} onInput=${$=>o($.target.value)} /><//>
        <${Aa} rate=${s} set=${l} problem=${c} at="/rate" />
      </fieldset>
      <fieldset><legend>Each fairness key</legend>
        <${S} label="Run at once" fault=${Q(c,"/per_key/concurrency")}><input inputmode="numeric" name="key-concurrency" value=${r} onInput=${$=>a($.target.value)} /><//>
        <${Aa} rate=${u} set=${d} problem=${c} at="/per_key/rate" />
      </fieldset>
    </div>
    <${T} problem=${c} />
    <div class="buttons"><button type="submit" class="primary" disabled=${f}>Save</button><button type="button" onClick=${t}>Leave it</button></div>
  </form>`}function Aa({rate:e,set:t,problem:n,at:o}){let r=(a,s)=>i`<${S} label=${s} fault=${Q(n,`${o}/${a}`)}>
    <input inputmode="numeric" value=${e[a]} onInput=${l=>t({...e,[a]:l.target.value})} />
  <//>`;return i`<div class="rate">${r("tasks","Starts")}${r("per_seconds","in seconds")}${r("burst","Burst")}</div>`}var qs=15;function Ca(){let{data:e,problem:t,refresh:n}=A("queues",Ie,1e4),o=(e?.queues??[]).map(({name:r})=>r);return A(o.length>0?`details ${o.join(" ")}`:null,r=>wt(o,r),1e3),e?o.length===0?i`<h1>Queues</h1><${Me} />`:i`
    <h1>Queues</h1>
    <${T} problem=${t} retry=${n} />
    <section class="panel"><${Dt} queues=${e.queues} more=${e.next_cursor} /></section>
    <p class="faint">A queue is there with its first task. Open one to pause it or to give it limits.</p>
  `:i`<h1>Queues</h1><${q} problem=${t} retry=${n} />`}function Ea({name:e}){let{data:t,problem:n,refresh:o}=A(`queue ${e}`,l=>vn(e,l),2e3),r=K(),[a,s]=g(!1);return t?i`
    <header class="head">
      <h1>${e}</h1>
      ${t.paused&&i`<span class="state paused"><span class="shape" aria-hidden="true">‖</span>paused</span>`}
      <p><a href=${b(["tasks"],{queue:e})}>Tasks</a> · <a href=${b(["dead"],{queue:e})}>Failed tasks</a></p>
    </header>
    <${T} problem=${n} retry=${o} />
    ${!r&&i`<${Ls} queue=${t} refresh=${o} edit=${()=>s(!a)} editing=${a} />`}
    ${a&&i`<${Oa} queue=${t} done=${()=>{s(!1),o()}} />`}
    <div class="columns">
      <section class="panel">
        <h2>Limits and counts</h2>
        <dl class="fields">
          <dt>running</dt><dd>${t.concurrency?i`<${Ze} name="running" value=${t.running??0} of=${t.concurrency} />`:i`<span class="faint">no limit, so it is not counted</span>`}</dd>
          <dt>rate</dt><dd>${Je(t.rate)}</dd>
          <dt>of each key, running</dt><dd>${t.per_key.concurrency??"no limit"}</dd>
          <dt>of each key, rate</dt><dd>${Je(t.per_key.rate)}</dd>
          <dt>held back</dt><dd>${k(t.held)}</dd>
          <dt>failed</dt><dd>${t.failed?i`<a class="bad" href=${b(["dead"],{queue:e})}>${k(t.failed)}</a>`:k(t.failed)}</dd>
        </dl>
      </section>
      ${t.keys?.length>0&&i`<${Rs} keys=${t.keys} most=${t.per_key.concurrency} />`}
    </div>
    <${Ds} name=${e} />
  `:i`<h1>${e}</h1><${q} problem=${n} retry=${o} />`}function Ds({name:e}){let t=U(v("tasks"),{queue:e,limit:qs}),{data:n,problem:o,refresh:r}=A(t,async a=>(await O(t,a)).json,5e3);return n?n.tasks.length===0?i`<p class="empty">This queue has no task.</p>`:i`<h2>Latest tasks</h2><${me} tasks=${n.tasks} selected=${null} />`:i`<${q} problem=${o} retry=${r} />`}function Ls({queue:e,refresh:t,edit:n,editing:o}){let{name:r,paused:a}=e;return i`<div class="actions">
    <button type="button" data-key="p" title="key p" onClick=${async()=>{let l=a?"resume":"pause";!a&&!await oe({title:`Pause ${r}?`,text:"From 5 s on, no task of this queue starts. What runs ends as usual, new tasks are accepted, and nothing is lost.",verb:"Pause the queue",danger:!1})||(await Te(()=>F("POST",v("queues",r,l)),a?`${r} goes on.`:`${r} is paused.`),t())}}>${a?"Resume":"Pause\u2026"}</button>
    <button type="button" data-key="e" title="key e" aria-expanded=${o} onClick=${n}>Change limits</button>
    <button type="button" class="danger" onClick=${()=>na(r).then(t)}>Purge…</button>
  </div>`}function Rs({keys:e,most:t}){return i`<section class="panel">
    <h2>Keys that hold back most</h2>
    <table>
      <thead><tr><th scope="col">Key</th><th scope="col">Running</th><th scope="col" class="num">Held</th></tr></thead>
      <tbody>${e.map(({key:n,running:o,held:r})=>i`<tr key=${n}>
          <th scope="row">${n}</th>
          <td>${t?i`<${Ze} name=${`running of ${n}`} value=${o??0} of=${t} />`:k(o)}</td>
          <td class="num">${k(r)}</td>
        </tr>`)}</tbody>
    </table>
  </section>`}var Is=2e4;function It({text:e,label:t}){let n=e.length>Is?te(e):Tt(e).map(([o,r])=>o==="space"||o==="mark"?r:i`<span class=${o}>${r}</span>`);return i`<pre class="json" tabindex="0" role="region" aria-label=${t}>${n}</pre>`}var Ms=50,js=["cron","every_seconds","time_zone","overlap","misfire","start_at","end_at","jitter_seconds","paused"];async function Na(e,t){let{json:n}=await O(U(v("schedules"),{limit:Ms,cursor:e}),t);return n}async function Cn(e,t){let{json:n,text:o}=await O(v("schedules",e),t);return{schedule:n,task:se(o,"task")}}function En(e){return Object.fromEntries(js.filter(t=>e[t]!=null).map(t=>[t,e[t]]))}function Nn(e,t,n){return F("PUT",v("schedules",e),Ae(t,{task:n}))}async function Pa(e,t){let{schedule:n,task:o}=await Cn(e);return Nn(e,{...En(n),paused:t},o)}var Fs='{"target": {"handler": "echo"}, "payload": {"report": "daily"}}';function Pn({schedule:e,task:t=Fs,done:n}){let o=e?En(e):{},r=Intl.DateTimeFormat().resolvedOptions().timeZone,[a,s]=g({name:e?.name??"",kind:o.every_seconds?"every":"cron",cron:o.cron??"0 3 * * *",every:o.every_seconds??3600,zone:o.time_zone??r,overlap:o.overlap??"allow",misfire:o.misfire??"once",jitter:o.jitter_seconds||"",start:o.start_at??"",end:o.end_at??"",task:te(t)}),[l,u]=g(null),[d,c]=g(!1),m=Ye(a.task),f=h=>({name:h,value:a[h],onInput:$=>s({...a,[h]:$.target.value})});return i`<form class="panel" onSubmit=${async h=>{h.preventDefault(),c(!0);try{await Nn(a.name.trim(),Us(a,o.paused),a.task),M(e?"The schedule is changed.":"The schedule is there."),n(a.name.trim())}catch($){u($),c(!1)}}} aria-label="Schedule">
    <div class="form-grid">
      <div>
        ${!e&&i`<${S} label="Name" hint="letters, digits, _ . -"><input required pattern="[A-Za-z0-9][A-Za-z0-9_.\\-]{0,63}" ...${f("name")} /><//>`}
        <${S} label="Repeats"><select ...${f("kind")}><option value="cron">by the calendar</option><option value="every">at intervals</option></select><//>
        ${a.kind==="cron"?i`<${S} label="Cron" hint="minute hour day month weekday; six fields have seconds first" fault=${Q(l,"/cron")}><input required ...${f("cron")} /><//>
              <${S} label="Time zone" hint="a name such as Europe/Berlin" fault=${Q(l,"/time_zone")}><input required ...${f("zone")} /><//>`:i`<${S} label="Every … seconds" fault=${Q(l,"/every_seconds")}><input required inputmode="numeric" ...${f("every")} /><//>`}
        <${S} label="While the latest firing has not ended"><select ...${f("overlap")}><option value="allow">fire all the same</option><option value="skip">skip the time</option></select><//>
        <${S} label="Times that were missed"><select ...${f("misfire")}><option value="once">the latest fires for all</option><option value="skip">none fires</option><option value="all">all fire</option></select><//>
        <details><summary>More</summary>
          <${S} label="Jitter in seconds" fault=${Q(l,"/jitter_seconds")}><input inputmode="numeric" ...${f("jitter")} /><//>
          <${S} label="Not before" hint="2026-12-01T00:00:00Z" fault=${Q(l,"/start_at")}><input ...${f("start")} /><//>
          <${S} label="Not after" fault=${Q(l,"/end_at")}><input ...${f("end")} /><//>
        </details>
      </div>
      <${S} label="Task of each firing" hint="as for a submit, in JSON" fault=${m??Q(l,"/task")}><textarea rows="14" spellcheck=${!1} ...${f("task")}></textarea><//>
    </div>
    <${T} problem=${l} />
    <p class="faint">The next runs are shown once it is saved. What has started goes on as it was.</p>
    <div class="buttons"><button type="submit" class="primary" disabled=${d||!!m}>Save</button><button type="button" onClick=${()=>n(null)}>Leave it</button></div>
  </form>`}function Us({kind:e,cron:t,every:n,zone:o,overlap:r,misfire:a,jitter:s,start:l,end:u},d=!1){let c=e==="cron"?{cron:t.trim(),time_zone:o.trim()}:{every_seconds:V(n)},m={start_at:l.trim(),end_at:u.trim(),jitter_seconds:V(s)},f=Object.fromEntries(Object.entries(m).filter(([,p])=>p!==""&&p!==null));return{...c,overlap:r,misfire:a,...f,paused:d}}var Ws=5;function qa(){return i`<h1>New schedule</h1><${Pn} done=${e=>X(b(e?["schedules",e]:["schedules"]))} />`}function Da({name:e}){let{data:t,problem:n,refresh:o}=A(`schedule ${e}`,d=>Cn(e,d),5e3),r=K(),[a,s]=g(!1);if(!t)return i`<h1>${e}</h1><${q} problem=${n} retry=${o} />`;let{schedule:l,task:u}=t;return i`
    <header class="head">
      <h1>${e}</h1>
      ${l.paused&&i`<span class="state paused"><span class="shape" aria-hidden="true">‖</span>paused</span>`}
      <p>${l.description}</p>
    </header>
    <${T} problem=${n} retry=${o} />
    ${!r&&i`<${Hs} schedule=${l} refresh=${o} edit=${()=>s(!a)} editing=${a} />`}
    ${a&&i`<${Pn} schedule=${l} task=${u} done=${()=>{s(!1),o()}} />`}
    ${l.notes.length>0&&i`<ul class="notes">${l.notes.map(d=>i`<li key=${d}>${d}</li>`)}</ul>`}
    <div class="columns">
      <div><${Bs} schedule=${l} /><section class="panel"><h2>Task of each firing</h2><${It} text=${u} label="Task of each firing" /></section></div>
      <${Qs} schedule=${l} />
    </div>
  `}function Hs({schedule:e,refresh:t,edit:n,editing:o}){let{name:r,paused:a}=e;return i`<div class="actions">
    <button type="button" data-key="n" title="key n" onClick=${async()=>{await Te(()=>F("POST",v("schedules",r,"run")),"Its task is submitted."),t()}}>Run now</button>
    <button type="button" data-key="p" title="key p" onClick=${async()=>{!a&&!await oe({title:`Pause ${r}?`,text:"Nothing fires until it goes on, and firings that have not started are cancelled.",verb:"Pause the schedule",danger:!1})||(await Te(()=>Pa(r,!a),a?`${r} goes on.`:`${r} is paused.`),t())}}>${a?"Resume":"Pause\u2026"}</button>
    <button type="button" data-key="e" title="key e" aria-expanded=${o} onClick=${n}>Edit</button>
    <button type="button" class="danger" onClick=${async()=>{await oe({title:`Delete ${r}?`,text:"It fires no more, and firings that have not started are cancelled. Its tasks stay.",verb:"Delete the schedule",typed:r})&&await Te(()=>F("DELETE",v("schedules",r)),`${r} is deleted.`)&&X(b(["schedules"]))}}>Delete…</button>
  </div>`}function Bs({schedule:e}){let{next_runs:t,next_runs_local:n,time_zone:o}=e,r=Intl.DateTimeFormat().resolvedOptions().timeZone;return t.length===0?i`<section class="panel"><h2>Next runs</h2><p class="faint">${e.paused?"A paused schedule has none.":"There are none."}</p></section>`:i`<section class="panel">
    <h2>Next runs</h2>
    <div class="scroll"><table class="clocks">
      <thead><tr><th scope="col">In</th><th scope="col">${o}</th><th scope="col">Here: ${r}</th></tr></thead>
      <tbody>${t.slice(0,Ws).map((a,s)=>i`<tr key=${a}><td class="when"><${D} at=${a} /></td><td class="number">${Ks(n[s])}</td><td class="number">${Fo(a)}</td></tr>`)}</tbody>
    </table></div>
  </section>`}function Ks(e){let[t,n]=e.replace(".000","").split("T");return i`${t} <span class="when">${n.replace(/([+-]\d\d:\d\d)$/," $1")}</span>`}function Qs({schedule:e}){let t=[["cron",e.cron&&i`<code>${e.cron}</code>`],["every",e.every_seconds&&z(e.every_seconds*1e3)],["time zone",e.time_zone],["overlap",e.overlap==="skip"?"skip: no firing while the latest has not ended":"allow"],["missed times",{once:"once: the latest fires for all",skip:"skip: none fires",all:"all fire"}[e.misfire]],["jitter",e.jitter_seconds>0?`up to ${e.jitter_seconds} s`:null],["not before",e.start_at&&i`<${D} at=${e.start_at} />`],["not after",e.end_at&&i`<${D} at=${e.end_at} />`],["created",i`<${D} at=${e.created_at} />`],["last run",e.last_run&&i`<a href=${b(["tasks",e.last_run.task_id])}><${D} at=${e.last_run.at} /></a>`]];return i`<section class="panel"><h2>Fields</h2>
    <dl class="fields">${t.map(([n,o])=>o!=null&&i`<dt>${n}</dt><dd>${o}</dd>`)}</dl>
  </section>`}function La({query:e}){let t=e.get("cursor")??"",{data:n,problem:o,refresh:r}=A(`schedules ${t}`,s=>Na(t,s),1e4),a=K();return n?i`
    <h1>Schedules</h1>
    <${T} problem=${o} retry=${r} />
    ${!a&&i`<div class="actions"><a class="button" href=${b(["schedules","new"])}>New schedule</a></div>`}
    ${n.schedules.length===0?i`<${zs} />`:i`<${Js} schedules=${n.schedules} />`}
    <nav class="pages" aria-label="Pages">
      ${t&&i`<a href=${b(["schedules"])}>« First</a>`}
      ${n.next_cursor&&i`<a rel="next" data-next href=${b(["schedules"],{cursor:n.next_cursor})}>More »</a>`}
    </nav>
  `:i`<h1>Schedules</h1><${q} problem=${o} retry=${r} />`}function Js({schedules:e}){return i`<div class="scroll"><table class="rows">
    <thead><tr><th scope="col">Schedule</th><th scope="col">When</th><th scope="col" class="wide">Task</th><th scope="col">Next</th><th scope="col" class="wide">Last</th></tr></thead>
    <tbody>${e.map(t=>i`<tr key=${t.name} data-row>
        <th scope="row"><a class="row" href=${b(["schedules",t.name])}>${t.name}</a></th>
        <td class="said">${t.description}</td>
        <td class="wide">${ne(t.task.target)}</td>
        <td>${t.paused?i`<span class="state paused"><span class="shape" aria-hidden="true">‖</span>paused</span>`:t.next_runs[0]?i`<${D} at=${t.next_runs[0]} />`:i`<span class="faint">never again</span>`}</td>
        <td class="wide">${t.last_run?i`<a href=${b(["tasks",t.last_run.task_id])}><${D} at=${t.last_run.at} /></a>`:i`<span class="faint">not yet</span>`}</td>
      </tr>`)}</tbody>
  </table></div>`}function zs(){let e=pe();return i`<section class="panel teach">
    <h2>No schedule yet</h2>
    <p>A schedule submits a task again and again, by the calendar of a time zone or at intervals. Paste this into a shell, or press <em>New schedule</em>.</p>
    <${ie} label="A first schedule" text=${`taskway --url ${e} schedule put nightly --cron '0 3 * * *' --zone Europe/Berlin echo '{"report": "daily"}'`} />
  </section>`}var Gs={http:{url:"https://",method:"POST",headers:{}},lambda:{function:"",invocation:"request"}},Ra=["delay_seconds","timeout_seconds","expected_duration_ms","retain_seconds"],Ia=["queue","run_at","deadline","fairness_key","idempotency_key"];function qn({fields:e,callbacks:t={},payload:n}){let[o,r]=g(()=>({...Object.fromEntries([...Ra,...Ia].map(_=>[_,e[_]??""])),priority:e.priority??"normal",max_attempts:e.retry?.max_attempts??"",kind:Object.keys(e.target)[0],handler:e.target.handler??"",target:te(JSON.stringify(e.target.http??e.target.lambda??{})),labels:Object.entries(e.labels??{}).map(([_,y])=>ee(_,y)).join(`
`),...Object.fromEntries(Ct.map(_=>[_,te(t[_]??"")])),payload:te(n)})),[a,s]=g(null),[l,u]=g(!1),d=_=>({name:_,value:o[_],onInput:y=>r({...o,[_]:y.target.value})}),c={...d("kind"),onInput:({target:{value:_}})=>r({...o,kind:_,target:te(JSON.stringify(Gs[_]??{}))})},m=_=>Q(a,_),f=_=>o[_].trim()===""?null:Ye(o[_]),p=f("payload"),h=(_,y)=>i`<${S} label=${y} hint="JSON" fault=${f(_)??m(`/${_}`)}>
    <textarea rows="4" spellcheck=${!1} placeholder='{"target": {"handler": "echo"}}' ...${d(_)}></textarea>
  <//>`,$=o.kind==="handler"?null:Ye(o.target);return i`<form class="panel" onSubmit=${async _=>{_.preventDefault(),u(!0);try{let{json:y}=await F("POST",v("tasks"),Vs(o,e.retry));M("Accepted."),X(b(["tasks",y.id]))}catch(y){s(y),u(!1)}}} aria-label="Task">
    <div class="form-grid">
      <div>
        <${S} label="Runs"><select ...${c}><option value="handler">a handler</option><option value="http">a URL</option><option value="lambda">a Lambda function</option></select><//>
        ${o.kind==="handler"?i`<${S} label="Handler" fault=${m("/target")}><input required ...${d("handler")} /><//>`:i`<${S} label=${o.kind==="http"?"URL, method and headers":"Function and invocation"} hint="JSON" fault=${$??m("/target")}><textarea rows="6" spellcheck=${!1} ...${d("target")}></textarea><//>`}
        <div class="pair">
          <${S} label="Queue" fault=${m("/queue")}><input placeholder="default" ...${d("queue")} /><//>
          <${S} label="Lane"><select ...${d("priority")}><option>high</option><option>normal</option><option>low</option></select><//>
        </div>
        <div class="pair">
          <${S} label="Delay in seconds" fault=${m("/delay_seconds")}><input inputmode="numeric" placeholder="none" ...${d("delay_seconds")} /><//>
          <${S} label="Attempts" fault=${m("/retry")}><input inputmode="numeric" placeholder="5" ...${d("max_attempts")} /><//>
        </div>
        <${S} label="Labels" hint="name=value, one a line; \\= in a name" fault=${m("/labels")}><textarea rows="2" spellcheck=${!1} ...${d("labels")}></textarea><//>
        <details><summary>More</summary>
          <div class="pair">
            <${S} label="Fairness key" fault=${m("/fairness_key")}><input ...${d("fairness_key")} /><//>
            <${S} label="Idempotency key" fault=${m("/idempotency_key")}><input ...${d("idempotency_key")} /><//>
            <${S} label="Start at" hint="2026-12-01T08:00:00Z" fault=${m("/run_at")}><input ...${d("run_at")} /><//>
            <${S} label="Deadline" fault=${m("/deadline")}><input ...${d("deadline")} /><//>
            <${S} label="Timeout in seconds" fault=${m("/timeout_seconds")}><input inputmode="numeric" placeholder="60" ...${d("timeout_seconds")} /><//>
            <${S} label="Keep the record, in seconds" fault=${m("/retain_seconds")}><input inputmode="numeric" placeholder="604800" ...${d("retain_seconds")} /><//>
            <${S} label="Expected duration in ms" fault=${m("/expected_duration_ms")}><input inputmode="numeric" ...${d("expected_duration_ms")} /><//>
          </div>
        </details>
        <details open=${Object.keys(t).length>0}><summary>Callbacks</summary>
          ${h("on_success","After a success")}
          ${h("on_failure","After a failure")}
        </details>
      </div>
      <${S} label="Payload" hint="any JSON; its digits stay as they are" fault=${p??m("/payload")}><textarea rows="18" spellcheck=${!1} ...${d("payload")}></textarea><//>
    </div>
    <${T} problem=${a} />
    <div class="buttons"><button type="submit" class="primary" disabled=${l||!!(p??$??f("on_success")??f("on_failure"))}>Submit the task</button></div>
  </form>`}function Vs(e,t){let n={target:e.kind==="handler"?{handler:e.handler.trim()}:{[e.kind]:JSON.parse(e.target)}};for(let d of Ia)e[d].trim()!==""&&(n[d]=e[d].trim());for(let d of Ra)V(e[d])!==null&&(n[d]=V(e[d]));e.priority!=="normal"&&(n.priority=e.priority);let o=V(e.max_attempts),{max_attempts:r,...a}=t??{},s=o===null?a:{...a,max_attempts:o};Object.keys(s).length>0&&(n.retry=s);let l=e.labels.split(`
`).filter(d=>d.trim()!=="");l.length>0&&(n.labels=Object.fromEntries(l.map(d=>_t(d)??[d.trim(),""])));let u=Ct.filter(d=>e[d].trim()!=="").map(d=>[d,e[d]]);return Ae(n,{...Object.fromEntries(u),payload:e.payload.trim()===""?"null":e.payload})}var Mt={echo:{name:"Echo",fields:{target:{handler:"echo"}},payload:'{"hello": "world"}'},retries:{name:"Fails twice, then succeeds",fields:{target:{handler:"fail"}},payload:'{"times": 2}'},fails:{name:"Fails for good",fields:{target:{handler:"fail"},labels:{tenant:"acme"}},payload:'{"fatal": true}'},sleeps:{name:"Takes 10 seconds",fields:{target:{handler:"sleep"}},payload:'{"seconds": 10}'},later:{name:"In five minutes",fields:{target:{handler:"echo"},delay_seconds:300},payload:'{"remind": "me"}'},http:{name:"Calls a URL",fields:{target:{http:{url:"https://example.com/hook",method:"POST",headers:{}}}},payload:'{"n": 1}'},lambda:{name:"Calls a Lambda function",fields:{target:{lambda:{function:"report",invocation:"request"}}},payload:'{"month": 11}'}};function Ma({query:e}){let t=e.get("from"),n=e.get("template")??"echo",o=Mt[n]??Mt.echo,r=K(),{data:a,problem:s,refresh:l}=A(t?`submit from ${t}`:null,async u=>{let{json:d,text:c}=await O(v("tasks",t),u);return Et(d,c)},Number.MAX_SAFE_INTEGER);return r?i`<h1>Submit</h1><p class="empty">This dashboard only looks. Start it without <code>--read-only</code> to submit tasks.</p>`:t?i`<h1>Submit again</h1>
      <p>A new task like <a href=${b(["tasks",t])}><code>${t}</code></a>. That one stays as it is.</p>
      ${a?i`<${qn} key=${t} ...${a} />`:i`<${q} problem=${s} retry=${l} />`}`:i`<h1>Submit</h1>
    <nav class="tabs" aria-label="Templates">
      ${Object.entries(Mt).map(([u,{name:d}])=>i`<a class="tab" key=${u} aria-current=${o===Mt[u]?"true":null} href=${b(["submit"],{template:u})}>${d}</a>`)}
    </nav>
    <${qn} key=${n} ...${o} />`}var Ys=100;function ja(e){let n=e?.on_success||e?.on_failure?U(v("tasks"),{parent_id:e.id,limit:Ys}):null;return A(n,async o=>(await O(n,o)).json,5e3)}function Fa({list:{data:e,problem:t,refresh:n}}){return!e&&!t?null:i`<section class="panel" aria-label="Callbacks">
    <h2>Callbacks</h2>
    <${T} problem=${t} retry=${n} />
    ${e&&(e.tasks.length===0?i`<p class="faint">None has been made so far.</p>`:i`<${me} tasks=${e.tasks} selected=${null} />`)}
  </section>`}var Zs=1e3,Xs=5e3;function Ua(e,t,n){let o=[ti(e),...ni(e),...oi(e),...ai(e),...ri(e),...si(e,n),...li(e),...t.map(ci),e.deadline&&{key:"deadline",at:e.deadline,what:"Deadline"},e.retained_until&&{key:"kept",at:e.retained_until,what:"Record kept until then"}].filter(Boolean),r=({at:a})=>a?Date.parse(a):n;return o.sort((a,s)=>r(a)-r(s))}function Wa({attempt:e,generation:t,started_at:n,error:o,past_attempts:r=[]}){let a=new Set(r.map(u=>u.attempt)),s=Array.from({length:Math.max(e-1,0)},(u,d)=>a.has(d+1)).every(Boolean),l=o&&Date.parse(o.at)<Date.parse(n)&&!r.some(Dn(o));return!s||t>1||!!(n&&e===0)||!!l}var Dn=e=>t=>t.attempt===e?.attempt&&t.failed_at===e.at,ei=e=>e==="scheduled"||e==="queued",Ln=(e,t)=>z(Date.parse(t)-Date.parse(e)),Rn=({error:e,started_at:t})=>!!(e&&t&&Date.parse(e.at)>=Date.parse(t));function ti({created_at:e,run_at:t}){return{key:"submitted",at:e,what:"Submitted",note:Ha(t,e)?null:"due at once"}}var Ha=(e,t)=>Date.parse(e)-Date.parse(t)>Zs;function ni({past_attempts:e=[],retry:t,started_at:n,error:o,state:r}){return e.flatMap(a=>{let{attempt:s,started_at:l,failed_at:u,kind:d,message:c}=a,m=[];if(l!==n&&m.push({key:`started ${l}`,at:l,what:`Attempt ${s} of ${t.max_attempts} started`}),r==="failed"||!Dn(o)(a)){let f=`after ${Ln(l,u)}`,p=d==="lost"?null:[f,c].filter(Boolean).join(": ");m.push({key:`failed ${l}`,at:u,what:`Attempt ${s} failed: ${d}`,note:p,tone:"fail"})}return m})}function oi(e){let{created_at:t,run_at:n,started_at:o,state:r,attempt:a,retry:s,timeout_seconds:l}=e,u=[];if(Ha(n,t)&&u.push({key:"due",at:n,what:"First attempt due"}),!o)return u;let c=["running","succeeded","failed"].includes(r)||Rn(e)?`Attempt ${a} of ${s.max_attempts} started`:"Latest attempt started",m=r==="running";return u.push({key:"started",at:o,what:c,runs:m,note:m?`of at most ${l} s`:null,tone:m?"run":null}),u}function ai(e){let{error:t,state:n}=e;if(!t||n==="failed")return[];let o=Rn(e)?e.started_at:e.past_attempts?.find(Dn(t))?.started_at,r=o?`after ${Ln(o,t.at)}: `:"";return[{key:"error",at:t.at,what:`Attempt ${t.attempt} failed: ${t.kind}`,note:r+t.message,tone:"fail"}]}function ri({progress:e}){return e?[{key:"progress",at:e.at,what:`Progress ${e.done} / ${e.total}`}]:[]}function si({state:e,held:t,attempt:n,run_at:o,next_attempt_at:r,started_at:a},s){if(!ei(e))return[];let l=r?[{key:"next",at:r,what:`Attempt ${n+1} due`}]:[];return t?[...l,{key:"waits",what:"Held back",why:"held"}]:!r&&a?[{key:"next",what:"Another attempt follows",note:"The API does not tell when."}]:(s-Date.parse(r??o)>Xs&&l.push({key:"waits",what:"Waits, past its time",why:"behind"}),l)}var ii={succeeded:"Succeeded",failed:"Failed",cancelled:"Cancelled",expired:"Expired"};function li(e){let{state:t,finished_at:n,started_at:o,error:r}=e;if(!n)return[];let s=o&&(t==="succeeded"||t==="failed"&&Rn(e)&&r.kind!=="lost")?`after ${Ln(o,n)}`:"";if(t!=="failed")return[{key:"ended",at:n,what:ii[t]??t,note:s,tone:t==="succeeded"?"good":null}];let l=r&&[s,r.message].filter(Boolean).join(": ");return[{key:"ended",at:n,what:r?`Failed: ${r.kind}`:"Failed",note:l,tone:"fail"}]}function ci(e){return{key:e.id,at:e.created_at,what:`Callback ${ne(e.target)}`,callback:e}}function Ba({task:e,callbacks:t}){let n=Date.now();return i`<section class="panel" aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    <ol class="plain timeline">
      ${Ua(e,t,n).map(o=>i`<${ui} key=${o.key} step=${o} queue=${e.queue} now=${n} />`)}
    </ol>
    ${Wa(e)&&i`<p class="faint">The record keeps the failed attempts that it has room for, the latest first. Waits, and attempts that did not count or reported nothing, are not kept.</p>`}
  </section>`}function ui({step:{at:e,what:t,note:n,tone:o,runs:r,why:a,callback:s},queue:l,now:u}){let d=e&&Date.parse(e)>u;return i`<li class=${`${d?"later":""} ${o??""}`}>
    <div class="step"><span>${s?i`<a href=${b(["tasks",s.id])}>${t}</a> <${De} of=${s.state} />`:t}</span>${e&&i`<${D} at=${e} />`}</div>
    ${(n||r)&&i`<p class="note faint">${r&&i`runs for <${xt} at=${e} /> `}${n}</p>`}
    ${a==="held"&&i`<p class="note faint">A pause, a limit or a rate of <a href=${b(["queues",l])}>${l}</a> holds it back.</p>`}
    ${a==="behind"&&i`<p class="note faint">Its queue does not hold it back: its lane is behind, or no program has its handler.</p>`}
  </li>`}function Ja({id:e}){let t=A(`task ${e}`,async a=>{let{json:s,text:l}=await O(v("tasks",e),a);return{task:s,text:l}},2e3),n=ja(t.data?.task);if(!t.data)return i`<h1>Task</h1><${q} problem=${t.problem} retry=${t.refresh} />`;let{task:o,text:r}=t.data;return i`
    <header class="head">
      <h1>${ne(o.target)}</h1>
      <${De} of=${o.state} />
      <p class="faint"><code>${o.id}</code> <${Pt} text=${o.id} label="Copy id" /></p>
    </header>
    <${T} problem=${t.problem} retry=${t.refresh} />
    <${di} task=${o} refresh=${t.refresh} />
    ${o.error&&i`<${pi} error=${o.error} state=${o.state} />`}
    ${o.progress&&i`<${mi} progress=${o.progress} />`}
    <${Fa} list=${n} />
    <div class="columns">
      <div>
        <${Ka} name="Payload" text=${se(r,"payload")??"null"} />
        ${o.result!=null&&i`<${Ka} name="Result" text=${se(r,"result")} />`}
        <${hi} task=${o} text=${r} />
      </div>
      <div><${Ba} task=${o} callbacks=${n.data?.tasks??[]} /><${fi} task=${o} /></div>
    </div>
  `}function di({task:e,refresh:t}){if(K())return null;let n=(o,r,a,s,l="")=>i`<button type="button" class=${l} data-key=${s} disabled=${!a(e.state)} title=${`key ${s}`} onClick=${()=>Yo(o,e.id).then(t)}>${r}</button>`;return i`<div class="actions">
    ${n("run","Run now",qe,"n")}
    ${n("retry","Retry\u2026",yt,"r")}
    <a class="button" data-key="e" title="key e" href=${b(["submit"],{from:e.id})}>Edit and submit again</a>
    ${n("cancel","Cancel\u2026",Se,"c","danger")}
  </div>`}function pi({error:e,state:t}){return i`<section class="panel failure">
    <h2>${t==="failed"?"It failed":"The latest attempt that failed"}: ${e.kind}</h2>
    <pre class="message" tabindex="0">${e.message}</pre>
    <p class="faint">attempt ${e.attempt}, <${D} at=${e.at} /></p>
  </section>`}function mi({progress:e}){let{done:t,total:n,at:o}=e;return i`<section class="panel">
    <h2>Progress</h2>
    <progress max=${n||1} value=${t} aria-label="Progress of the task"></progress>
    <p><span class="number">${t} / ${n}</span> <span class="faint">reported <${D} at=${o} /></span></p>
  </section>`}function Ka({name:e,text:t}){return i`<section class="panel">
    <h2>${e} <${Pt} text=${t} label=${`Copy ${e.toLowerCase()}`} /></h2>
    <${It} text=${t} label=${e} />
  </section>`}function fi({task:e}){let{retry:t,labels:n,target:o}=e,r=`${t.min_backoff_seconds} s to ${t.max_backoff_seconds} s, \xD7${t.multiplier}`,a=Object.entries(o.http?.headers??{}),s=[["queue",i`<a href=${b(["queues",e.queue])}>${e.queue}</a>`],["lane",e.priority],["attempts",`${e.attempt} of ${t.max_attempts}`],["waits between attempts",r],["timeout of an attempt",`${e.timeout_seconds} s`],["fairness key",e.fairness_key],["idempotency key",e.idempotency_key],["expected duration",e.expected_duration_ms==null?null:z(e.expected_duration_ms)],["schedule",e.schedule&&i`<a href=${b(["schedules",e.schedule])}>${e.schedule}</a>`],["callback of",e.parent_id&&i`<a href=${b(["tasks",e.parent_id])}>${e.parent_id}</a>`],["after a success",e.on_success&&ne(e.on_success.target)],["after a failure",e.on_failure&&ne(e.on_failure.target)],["invocation",o.lambda?.invocation],["tenant",o.lambda?.tenant_id],["trace",e.traceparent&&i`<code>${e.traceparent}</code>`],["generation",e.generation]];return i`<section class="panel">
    <h2>Fields</h2>
    <dl class="fields">
      ${s.map(([l,u])=>u!=null&&i`<dt>${l}</dt><dd>${u}</dd>`)}
      ${a.map(([l,u])=>i`<dt>header ${l}</dt><dd><code>${u}</code></dd>`)}
      ${Object.entries(n).map(([l,u])=>i`<dt>label ${l}</dt><dd><a href=${b(["tasks"],{[`label.${l}`]:u})}>${u===""?"no value":u}</a></dd>`)}
    </dl>
  </section>`}var Qa={JSON:fa,curl:ha,"Command line":Nt,Python:$a};function hi({task:e,text:t}){let[n,o]=g("JSON"),r=w(B),a=pe(),s=Et(e,t),l=Qa[n](s,a,r?.sender);return i`<section class="panel">
    <h2>The same again</h2>
    <div class="tabs" role="group" aria-label="Form">
      ${Object.keys(Qa).map(u=>i`<button type="button" class="tab" key=${u} aria-pressed=${u===n} onClick=${()=>o(u)}>${u}</button>`)}
    </div>
    <${ie} text=${l} label=${`The task as ${n}`} />
    ${n==="curl"&&i`<${qt} />`}
    ${l.includes("*masked*")&&i`<p class="faint">Answers mask credentials. Put the credential in the place of <code>*masked*</code>.</p>`}
  </section>`}var In="taskway.views";function jt(){try{return JSON.parse(localStorage.getItem(In)??"[]").filter(_i)}catch{return[]}}var za=e=>e.every(t=>typeof t=="string"),$i=e=>Array.isArray(e)&&e.length===2&&za(e);function _i(e){let{name:t,queue:n,state:o,labels:r}=e??{};return za([t,n,o])&&Array.isArray(r)&&r.every($i)}var Ft=E(jt());window.addEventListener("storage",({key:e})=>(e===In||e===null)&&Ft.set(jt()));function Ga(e,{queue:t,state:n,labels:o}){return Ya([...jt().filter(r=>r.name!==e),{name:e,queue:t,state:n,labels:o}])}function Va(e){return Ya(jt().filter(t=>t.name!==e))}function Ya(e){e.sort((t,n)=>t.name.localeCompare(n.name));try{localStorage.setItem(In,JSON.stringify(e))}catch{return!1}return Ft.set(e),!0}function Ut({queue:e,state:t,labels:n}){return!e&&!t&&n.length===0}function Mn(e,t){let n=({queue:o,state:r,labels:a})=>JSON.stringify([o,r,a.map(s=>JSON.stringify(s)).sort()]);return n(e)===n(t)}var yi=60,Za="This browser does not let the page keep anything. Keep the address as a bookmark instead.";function Xa({filters:e}){let t=w(Ft),n=j(),[o,r]=g(!1),a=!Ut(e)&&!t.some(c=>Mn(c,e));if(t.length===0&&!a)return null;let s=()=>n.current.focus(),l=c=>{if(!Va(c))return M(Za,"bad");M(`The view ${c} is deleted.`),s()},u=c=>{if(!Ga(c,e))return M(Za,"bad");M(`The view ${c} is kept in this browser.`),r(!1),s()},d=()=>{r(!1),s()};return i`<div class="views" ref=${n} tabindex="-1">
    ${t.length>0&&i`<nav class="tabs" aria-label="Saved views">
        ${t.map(c=>i`<span class="view" key=${c.name}>
            <a class="tab" aria-current=${Mn(c,e)?"true":null} href=${J("tasks",c)}>${c.name}</a>
            <button type="button" class="quiet" aria-label=${`Delete the view ${c.name}`} onClick=${()=>l(c.name)}>✕</button>
          </span>`)}
      </nav>`}
    ${a&&(o?i`<${bi} save=${u} leave=${d} />`:i`<button type="button" class="quiet" data-key="v" title="key v" onClick=${()=>r(!0)}>Save as a view…</button>`)}
  </div>`}function bi({save:e,leave:t}){let[n,o]=g(""),r=j();return He(()=>r.current.focus(),[]),i`<form class="inputs" aria-label="Save as a view" onSubmit=${s=>{s.preventDefault(),n.trim()!==""&&e(n.trim())}}>
    <label>Name <input ref=${r} required maxlength=${yi} autocomplete="off" value=${n} onInput=${s=>o(s.target.value)}
      onKeyDown=${s=>s.key==="Escape"&&t()} /></label>
    <button type="submit">Save</button>
    <button type="button" class="quiet" onClick=${t}>Leave it</button>
  </form>`}var gi=50,ki=600;function er({query:e}){let t=kt(e),n=vi(t),{data:o,problem:r,refresh:a}=A(n,async $=>(await O(n,$)).json,4e3),s=K(),[l,u]=g(new Map),d=wi(t,o),c=Ut(t);P(()=>u(new Map),[n]);let m=($,x)=>u(_=>{let y=new Map(_);for(let N of $)x?y.set(N.id,N):y.delete(N.id);return y}),f=new Map((o?.tasks??[]).map($=>[$.id,$])),p=[...l.values()].map($=>f.get($.id)??$);return i`
    <h1>Tasks</h1>
    <${Ge} screen="tasks" filters=${t} states />
    <${Xa} filters=${t} />
    ${!s&&(o||d)&&i`<${Si} chosen=${p} filters=${t} done=${$=>{$&&(u(new Map),a())}} clear=${()=>u(new Map)} />`}
    ${o&&i`<${T} problem=${r} retry=${a} />`}
    ${d??(o?i`<${xi} data=${o} filters=${t} selected=${s?null:l} select=${m} unfiltered=${c} />`:i`<${q} problem=${r} retry=${a} />`)}
  `}function vi({state:e,cursor:t,...n}){let o=e==="failed",r=Le({...n,state:o?"":e});return U(v(o?"dead":"tasks"),{...r,limit:gi,cursor:t})}function wi(e,t){let n=J("tasks",{...e,cursor:""}),[o,r]=g({sought:n,pages:0,stopped:!1}),{pages:a,stopped:s}=o.sought===n?o:{pages:0,stopped:!1},l=t?.tasks.length===0?t.next_cursor:null;return P(()=>{if(!l||s)return;let u=setInterval(()=>{document.hidden||(r({sought:n,pages:a+1,stopped:!1}),ht(J("tasks",{...e,cursor:l})))},ki);return()=>clearInterval(u)},[n,l,s]),s||!(l||a>0&&!t)?null:i`<p class="empty" role="status">No match on ${W(a+1,"page")} so far. Looking further back…
    <button type="button" onClick=${()=>r({sought:n,pages:a,stopped:!0})}>Stop</button>
  </p>`}function xi({data:e,filters:t,selected:n,select:o,unfiltered:r}){let{tasks:a,next_cursor:s}=e;return a.length===0&&!s&&r&&!t.cursor?i`<${Me} />`:i`
    ${a.length===0?i`<p class="empty">${s?"No task on this page matches. Older ones may.":"No task matches."} ${!r&&i`<a href=${J("tasks",{labels:[]})}>Show all</a>`}</p>`:i`<${me} tasks=${a} selected=${n} onSelect=${o} />`}
    <nav class="pages" aria-label="Pages">
      ${t.cursor&&i`<a href=${J("tasks",{...t,cursor:""})}>« Newest</a>`}
      ${s&&i`<a rel="next" data-next href=${J("tasks",{...t,cursor:s})}>Older »</a>`}
    </nav>
  `}function Si({chosen:e,filters:t,done:n,clear:o}){let{state:r}=t;if(e.length===0)return i`<div class="actions">
      ${(r===""||Se(r))&&i`<button type="button" onClick=${()=>ta(t).then(n)}>Cancel all that match…</button>`}
      ${r==="failed"&&i`<button type="button" onClick=${()=>bt(t).then(n)}>Redrive all that match…</button>`}
      <span class="faint">or select some</span>
    </div>`;let a=l=>e.filter(u=>l(u.state)).map(({id:u})=>u),s=(l,u,d)=>i`<button type="button" disabled=${d.length===0} onClick=${()=>Zo(l,d).then(n)}>${u} ${d.length}</button>`;return i`<div class="actions chosen" role="toolbar" aria-label="Selected tasks">
    <strong>${W(e.length,"task")} selected</strong>
    ${s("cancel","Cancel",a(Se))}
    ${s("run","Run now",a(qe))}
    ${s("retry","Retry",a(yt))}
    <button type="button" class="quiet" onClick=${o}>Clear</button>
  </div>`}function Ti({parts:[e,t],query:n}){return e===void 0?["Overview",i`<${xa} />`]:e==="tasks"&&t?[t,i`<${Ja} key=${t} id=${t} />`]:e==="tasks"?["Tasks",i`<${er} query=${n} />`]:e==="dead"?["Dead letters",i`<${ia} query=${n} />`]:e==="queues"&&t?[t,i`<${Ea} key=${t} name=${t} />`]:e==="queues"?["Queues",i`<${Ca} />`]:e==="schedules"&&t==="new"?["New schedule",i`<${qa} />`]:e==="schedules"&&t?[t,i`<${Da} key=${t} name=${t} />`]:e==="schedules"?["Schedules",i`<${La} query=${n} />`]:e==="submit"?["Submit",i`<${Ma} query=${n} />`]:e==="about"?["About",i`<${Jo} />`]:["Nothing here",i`<h1>Nothing here</h1><p>There is no such screen. <a href=${b([])}>To the overview</a></p>`]}function Ai(){let e=w(ft),t=w(Z).value!==null,[n,o]=Ti(e),r=e.parts.join("/");P(()=>{document.title=`${n} \xB7 Taskway`},[n]),P(()=>window.scrollTo(0,0),[r]);let a=Ee&&!t,s=j(!1);return s.current||=!a,s.current?i`
    ${a&&i`<${gn} />`}
    <div class="whole" hidden=${a}>
    <${Ko} here=${e.parts[0]??""}><${jn} key=${r}>${o}<//><//>
    <${Uo} /><${Bo} /><${Wo} /><${Qo} />
    </div>
  `:i`<${gn} />`}var jn=class extends ye{componentDidCatch(t){console.error(t),this.setState({fault:t})}render({children:t},{fault:n}){return n?i`<${T} problem=${n} retry=${()=>this.setState({fault:null})} />`:t}};Ao();yn();H.listen(({down:e})=>!e&&!B.get()&&yn());var tr=document.getElementById("app");tr.textContent="";Yt(i`<${Ai} />`,tr);
