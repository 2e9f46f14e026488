var Wn=function(e,t,n,o){var a;t[0]=0;for(var r=1;r<t.length;r++){var s=t[r++],l=t[r]?(t[0]|=s?1:2,n[t[r++]]):t[++r];s===3?o[0]=l:s===4?o[1]=Object.assign(o[1]||{},l):s===5?(o[1]=o[1]||{})[t[++r]]=l:s===6?o[1][t[++r]]+=l+"":s?(a=e.apply(l,Wn(e,l,n,["",null])),o.push(a),l[0]?t[0]|=2:(t[r-2]=0,t[r]=a)):o.push(l)}return o},Hn=new Map;function Bn(e){var t=Hn.get(this);return t||(t=new Map,Hn.set(this,t)),(t=Wn(this,t.get(e)||(t.set(e,t=(function(n){for(var o,a,r=1,s="",l="",u=[0],d=function(f){r===1&&(f||(s=s.replace(/^\s*\n\s*|\s*\n\s*$/g,"")))?u.push(0,f,s):r===3&&(f||s)?(u.push(3,f,s),r=2):r===2&&s==="..."&&f?u.push(4,f,0):r===2&&s&&!f?u.push(5,0,!0,s):r>=5&&((s||!f&&r===5)&&(u.push(r,0,s,a),r=6),f&&(u.push(r,f,0,a),r=6)),s=""},c=0;c<n.length;c++){c&&(r===1&&d(),d(c));for(var m=0;m<n[c].length;m++)o=n[c][m],r===1?o==="<"?(d(),u=[u],r=3):s+=o:r===4?s==="--"&&o===">"?(r=1,s=""):s=o+s[0]:l?o===l?l="":s+=o:o==='"'||o==="'"?l=o:o===">"?(d(),r=1):r&&(o==="="?(r=5,a=s,s=""):o==="/"&&(r<5||n[c][m+1]===">")?(d(),r===3&&(u=u[0]),r=u,(u=u[0]).push(2,0,r),r=0):o===" "||o==="	"||o===`
`||o==="\r"?(d(),r=2):s+=o),r===3&&s==="!--"&&(r=4,u=u[0])}return d(),u})(e)),t),arguments,[])).length>1?t:t[0]}var O,Qn,na,ce,Ht,nt,zn,et,Vn,Bt,Wt,oa,je=Symbol.for("pv"),ot={},rt=[],ra=/^m(i|n|o|s|text|space)$/,Kt=Array.isArray,at=rt.slice,ue=Object.assign;function _e(e){e&&e.parentNode&&e.remove()}function Gn(e,t,n){var o,a,r,s={},l=arguments.length;for(r in t)r=="key"?o=t[r]:r=="ref"&&typeof e!="function"?a=t[r]:s[r]=t[r];return l>2&&(s.children=l>3?at.call(arguments,2):n),Ce(e,s,o,a,null)}function Jt(e,t,n){var o,a,r,s=ue({},e.props),l=arguments.length;for(r in t)r=="key"?o=t[r]:r=="ref"&&typeof e.type!="function"?a=t[r]:s[r]=t[r];return l>2&&(s.children=l>3?at.call(arguments,2):n),Ce(e.type,s,o!==void 0?o:e.key,a!==void 0?a:e.ref,null)}function Ce(e,t,n,o,a){var r={type:e,props:t,key:n,ref:o,__k:null,__:null,__b:0,__e:null,__c:null,constructor:je,__v:a||++Qn,__i:-1,__u:0};return!a&&O.vnode&&O.vnode(r),r}function Fe(e){return e.children}function ye(e,t){this.props=e,this.context=t,this.__g=0}function de(e,t){if(t==null)return e.__&&de(e.__,e.__i+1);for(var n;t<e.__k.length;t++)if((n=e.__k[t])&&n.__e)return n.__e;return typeof e.type!="function"||e.props.__P?null:de(e)}function aa(e){var t,n=e.__v,o=n.__e,a=[],r=[],s=e.__P;s&&((t=ue({constructor:je},n)).__v=n.__v+1,O.vnode&&O.vnode(t),Qt(s,t,n,e.__n,s.namespaceURI,32&n.__u?[o]:null,a,o||de(n),32&n.__u,r),t.__v=n.__v,t.__.__k[t.__i]=t,no(a,t,r),n.__=n.__e=null,t.__e!=o&&Yn(t))}function Yn(e){if((e=e.__)&&e.__c&&!e.props.__P)return e.__e=null,e.__k.some(function(t){return t&&(e.__e=t.__e)}),Yn(e)}function Kn(e){(8&e.__g||(e.__g|=8,ce.push(e),nt++))&&Ht==O.debounceRendering||((Ht=O.debounceRendering)||queueMicrotask)(Zn)}function Zn(){try{for(var e,t=1;ce.length;)ce.length>t&&ce.sort(zn),e=ce.shift(),t=ce.length,8&e.__g&&aa(e)}finally{(nt=ce.length)&&(Ht||queueMicrotask)(Zn)}}function Xn(e,t,n,o,a,r,s,l,u,d,c){var m,f,p,h,$,x,_=o.__k||rt,y=t.length;for(u=sa(n,t,_,u,y),m=0;m<y;m++)(p=n.__k[m])!=null&&(f=~p.__i&&_[p.__i]||ot,p.__i=m,x=Qt(e,p,f,a,r,s,l,u,d,c),h=p.__e,(f.ref!=p.ref||8&f.__u)&&(f.ref&&zt(f.ref,null,p,f),p.ref&&c.push(p.ref,p.__c||h,p)),$=$||h,4&p.__u?(u=eo(p,u,e,!f.__v),f.__e&&(f.__e=null)):typeof p.type=="function"&&x!==void 0?u=x:h&&(u=h.nextSibling),p.__u&=-21);return n.__e=$,u}function sa(e,t,n,o,a){var r,s,l,u,d,c,m,f,p,h=n.length,$=h,x=0,_=0,y=e.__k=Array(a);for(r=0;r<a;r++)(s=t[r])!=null&&typeof s!="boolean"&&typeof s!="function"?(typeof s!="object"||s.constructor===String?s=y[r]=Ce(null,s):Kt(s)?s=y[r]=Ce(Fe,{children:s}):s.constructor===je&&s.__b?s=y[r]=Ce(s.type,s.props,s.key,s.ref,s.__v):y[r]=s,u=r+x,s.__=e,s.__b=e.__b+1,l=null,~(d=s.__i=ia(s,n,u,$))&&($--,(l=n[d])&&(l.__u|=2)),l&&l.__v?(s.__u|=16,d==u-1?x--:d==u+1?x++:d!=u&&(d>u?x--:x++,_=1)):(~d||(a>h?x--:a<h&&x++),typeof s.type!="function"&&(s.__u|=4))):y[r]=null;if(_){for(c=[],m=[],r=0;r<a;r++)if((s=y[r])&&16&s.__u){for(x=0,f=c.length;x<f;)c[p=x+f>>1]<s.__i?x=p+1:f=p;c[x]=s.__i,m[r]=x+1}for(x=c.length;r--;)m[r]&&(m[r]==x?x--:y[r].__u|=4)}if($)for(r=0;r<h;r++)!(l=n[r])||2&l.__u||(l.__e==o&&(o=de(l)),Vt(l,l));return o}function eo(e,t,n,o){var a,r,s,l;if(typeof e.type=="function"){if(e.props.__P)return t;if(a=e.__k)for(r=0;r<a.length;r++)a[r]&&(a[r].__=e,t=eo(a[r],t,n,!1));return t}for(t&&!t.parentNode&&(t=de(e))&&!t.parentNode&&(t=null),s=e.__e,l=t;l&&l.nodeType==8;)l=l.nextSibling;for(s!=l&&(!o&&n.moveBefore&&s.parentNode?n.moveBefore(s,t):n.insertBefore(s,t||null)),t=s;(t=t&&t.nextSibling)&&t.nodeType==8&&!t.data.startsWith("$s"););return t}function ia(e,t,n,o){var a,r=e.key,s=e.type,l=t[n],u=l&&!(2&l.__u);if(l===null&&r==null||u&&r==l.key&&s==l.type)return n;if(o>(u?1:0)){for(a=n-1;a>=0;a--)if((l=t[a])&&!(2&l.__u)&&r==l.key&&s==l.type)return a;for(a=n+1;a<t.length;a++)if((l=t[a])&&!(2&l.__u)&&r==l.key&&s==l.type)return a}return-1}function Jn(e,t,n){n==null&&(n=""),t[0]=="-"?e.setProperty(t,n):e[t]=n}function Xe(e,t,n,o,a){var r,s;if(t=="style")if(typeof n=="string")e.style.cssText=n;else{if(typeof o=="string"&&(e.style.cssText=o=""),o)for(t in o)n&&t in n||Jn(e.style,t);if(n)for(t in n)o&&n[t]==o[t]||Jn(e.style,t,n[t])}else if(t[0]=="o"&&t[1]=="n")typeof n!="function"&&(n=null),typeof o!="function"&&(o=null),(e.__e||(e.__e={}))[t]=n,n&&o||(s=Wt[t]||(Wt[t]=la(t)),(e.__a||(e.__a={}))[t]=Bt,r=t!=(t=t.replace(Vn,"$1")),(t=t.slice(2))[0]<"a"&&(t=t.toLowerCase()),n?e.addEventListener(t,s,r):e.removeEventListener(t,s,r));else{if(a=="http://www.w3.org/2000/svg")t=t.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(t!="width"&&t!="height"&&t!="href"&&t!="list"&&t!="form"&&t!="tabIndex"&&t!="download"&&t!="rowSpan"&&t!="colSpan"&&t!="role"&&t!="popover"&&t in e)try{return void(e[t]=n??"")}catch{}if(typeof n=="function")return;n==null||n===!1&&t[4]!="-"?e.removeAttribute(t):e.setAttribute(t,t=="popover"&&n==1?"":n)}}function la(e){return function(t){var n=this.__e;if(n){if(n=n[e],t[et]==null)t[et]=Bt++;else if(t[et]<this.__a[e])return;return n(O.event?O.event(t):t)}}}function Qt(e,t,n,o,a,r,s,l,u,d){var c,m,f,p,h,$,x,_,y,P,R,Ut,Fn,Ze,he,Un,le,$e,re=t.type;if(t.constructor!==je)return null;128&n.__u&&(u=32&n.__u,c=n.__c.__z)&&(t.__u|=u,m=r=[],c.nodeType==8?l=tt(c,r):r.push(c),l=r[0]||l),(c=O.__b)&&c(t);e:if(typeof re=="function"){f=s.length;try{if(_=t.props,y=(c=re.prototype)&&c.render,P=(c=re.contextType)&&o[c.__c],R=c?P?P.props.value:c.__:o,(p=n.__c)?(t.__c=p,2&p.__g&&(p.__g|=1)):(y?t.__c=p=new re(_,R):(t.__c=p=new ye(_,R),p.constructor=re,p.render=ua),P&&P.sub(p),p.state||(p.state={}),p.__n=o,p.__g|=8,p.__h=[],p.__k=[]),y&&(p.__s||(p.__s=p.state),re.getDerivedStateFromProps&&(p.__s==p.state&&(p.__s=ue({},p.__s)),ue(p.__s,re.getDerivedStateFromProps(_,p.__s)))),h=p.props,$=p.state,p.__v=t,n.__c){if(_!==h&&y&&!re.getDerivedStateFromProps&&p.componentWillReceiveProps&&p.componentWillReceiveProps(_,R),t.__v==n.__v&&!(8&p.__g)||!(4&p.__g)&&p.shouldComponentUpdate&&p.shouldComponentUpdate(_,p.__s,R)===!1){t.__v!=n.__v&&(p.props=_,p.state=p.__s,p.__g&=-9),t.__e=n.__e,t.__k=n.__k,t.__k.some(function(Y){Y&&(Y.__=t)}),rt.push.apply(p.__h,p.__k),p.__k=[],p.__h.length&&s.push(p),l=de(n);break e}p.componentWillUpdate&&p.componentWillUpdate(_,p.__s,R),y&&p.componentDidUpdate&&p.__h.push(function(){p.componentDidUpdate(h,$,x)})}else y&&!re.getDerivedStateFromProps&&p.componentWillMount&&p.componentWillMount(),y&&p.componentDidMount&&p.__h.push(p.componentDidMount);p.context=R,p.props=_,p.__P=e,p.__g&=-5,Ut=O.__r,Fn=y?25:0;do p.__g&=-9,Ut&&Ut(t),c=p.render(p.props,p.state=p.__s,p.context);while(8&p.__g&&++Fn<25);y&&(rt.push.apply(p.__h,p.__k),p.__k=[]),p.state=p.__s,p.getChildContext&&(o=ue({},o,p.getChildContext())),y&&n.__c&&p.getSnapshotBeforeUpdate&&(x=p.getSnapshotBeforeUpdate(h,$)),Ze=c&&c.type===Fe&&c.key==null?c.props.children:c,_.__P&&(c=l,a=(e=_.__P).namespaceURI,u=r=null,n.props&&n.props.__P!=e&&(n.__k.some(function(Y){Y&&Vt(Y,Y)}),n.__k=null),l=n.__k?de(n,0):null),l=Xn(e,Kt(Ze)?Ze:[Ze],t,n,o,a,r,s,l,u,d),_.__P&&(t.__e=null,l=c),t.__u&=-161,m&&m.some(_e),p.__h.length&&s.push(p),1&p.__g&&(p.__g&=-4)}catch(Y){if(s.length=f,t.__v=null,u||r)if(Y&&Y.then){if(t.__u|=128|u,r){for(~(le=r.indexOf(l||void 0))||(le=r.length);($e=r[le-1])&&$e.nodeType==8;)le--;for(;le<r.length;le++)if($e=r[le])if(r[le]=null,he){if($e==Un)break}else{if($e.nodeType!=8)break;$e.data.startsWith("$s")&&(Un=tt(he=$e))}}if(!he){for(;l&&l.nodeType==8&&l.nextSibling;)l=l.nextSibling;he=l}(c=tt(he=t.__c.__z||(t.__c.__z=he)))?(t.__e=he,l=c):t.__e=l,l=l&&l.nextSibling}else r&&r.some(_e);else t.__e=n.__e;t.__k||(t.__k=n.__k||[]),Y&&Y.then||to(t),O.__e(Y,t,n)}}else l=t.__e=ca(n.__e,t,n,o,a,r,s,u,d,e);return(c=O.diffed)&&c(t),l}function tt(e,t){if(e&&e.nodeType==8&&e.data.startsWith("$s"))for(var n=1;e=e.nextSibling;){if(e.nodeType==8){if(e.data.startsWith("$s"))n++;else if(e.data.startsWith("/$s")&&!--n)return e}t&&t.push(e)}}function to(e){e&&(e.__c&&(e.__c.__g|=4),e.__k&&e.__k.some(to))}function no(e,t,n){for(var o=0;o<n.length;)zt(n[o++],n[o++],n[o++]);O.__c&&O.__c(t,e),e.some(function(a){try{e=a.__h,a.__h=[],e.some(function(r){r.call(a)})}catch(r){O.__e(r,a.__v)}})}function ca(e,t,n,o,a,r,s,l,u,d){var c,m,f,p,h,$,x,_,y=n.props||ot,P=t.props,R=t.type;if(R=="svg"?a="http://www.w3.org/2000/svg":R=="math"?a="http://www.w3.org/1998/Math/MathML":a||(a="http://www.w3.org/1999/xhtml"),r){for(c=0;c<r.length;c++)if((h=r[c])&&(R?h.localName==R:h.nodeType==3)){e=h,r[c]=null;break}}if(!e){if(_=d.ownerDocument||document,!R)return _.createTextNode(P);e=_.createElementNS(a,R,P.is?P:d),l&&(O.__m&&O.__m(t,r),l=!1),r=null}if(R){if(d=R=="template"&&e.content||e,r=R=="textarea"&&P.defaultValue!=null?null:r&&at.call(d.childNodes),!l&&r)for(y={},c=0;c<e.attributes.length;c++)y[(h=e.attributes[c]).name]=h.value;for(c in y)h=y[c],c=="dangerouslySetInnerHTML"?f=h:c=="children"||c in P||c=="value"&&"defaultValue"in P||c=="checked"&&"defaultChecked"in P||Xe(e,c,null,h,a);for(c in P)h=P[c],c=="children"?p=h:c=="dangerouslySetInnerHTML"?m=h:c=="value"?$=h:c=="checked"?x=h:l&&typeof h!="function"||y[c]===h||Xe(e,c,h,y[c],a);m?(l||f&&(m.__html==f.__html||m.__html==e.innerHTML)||(e.innerHTML=m.__html),t.__k=[]):(f&&(e.textContent=""),(R=="foreignObject"||a=="http://www.w3.org/1998/Math/MathML"&&ra.test(R))&&(a="http://www.w3.org/1999/xhtml"),Xn(d,Kt(p)?p:[p],t,n,o,a,r,s,r?r[0]:n.__k&&de(n,0),l,u),r&&r.some(_e)),l&&R!="textarea"||(c="value",R=="progress"&&$==null?e.removeAttribute(c):$==null||$===e[c]&&(R!="progress"||$)||Xe(e,c,$,y[c],a),c="checked",x!=null&&x!=e[c]&&Xe(e,c,x,y[c],a))}else y===P||l&&e.data==P||(e.data=P);return e}function zt(e,t,n,o){try{typeof e=="function"?t?t.__x=e(t)||1:o&&(o=o.__c||o.__e)&&(t=o.__x)&&(o.__x=null,typeof t=="function"?t():e(null)):e.current=t}catch(a){O.__e(a,n)}}function Vt(e,t,n){var o,a,r,s;if(O.unmount&&O.unmount(e),!(o=e.ref)||o.current&&o.current!=e.__e||zt(o,null,t,e),o=e.__c){if(o.componentWillUnmount)try{o.componentWillUnmount()}catch(l){O.__e(l,t)}o.__P=o.__n=null}if(o=e.__k)for(s=0;s<o.length;s++)o[s]&&Vt(o[s],t,typeof e.type!="function"||n&&!e.props.__P);!n&&(o=e.__c)&&(o=o.__z)&&(a=tt(o,r=[]))&&(o==e.__e&&r.some(_e),_e(a),_e(o)),n||_e(e.__e),e.__e=e.__c=e.__=null}function ua(e,t,n){return this.constructor(e,n)}function Gt(e,t){var n,o,a,r;O.__&&O.__(e,t),t.nodeType==9&&(t=t.documentElement),o=(n=e&&32&e.__u)?null:t.__k,t.__k=Ce(Fe,{children:[e]}),a=[],r=[],Qt(t,t.__k,o||ot,ot,t.namespaceURI,o?null:t.firstChild?at.call(t.childNodes):null,a,o?o.__e:t.firstChild,n,r),no(a,t.__k,r),t.__k.props.children=null}O={__e:function(e,t,n,o){for(var a,r,s;t=t.__;)if((a=t.__c)&&!(1&a.__g)){a.__g|=4;try{if((s=(r=a.constructor)&&r.getDerivedStateFromError)&&a.setState(r.getDerivedStateFromError(e)),a.componentDidCatch&&(a.componentDidCatch(e,o||{}),s=1),s&&8&a.__g)return void(a.__g|=2)}catch(l){e=l}}throw nt=0,e}},Qn=0,na=function(e){return e!=null&&e.constructor===je},ye.prototype.setState=function(e,t){var n=this.__s;n&&n!=this.state||(n=this.__s=ue({},this.state)),typeof e=="function"&&(e=e(ue({},n),this.props)),e&&(ue(n,e),this.__v&&(t&&this.__k.push(t),Kn(this)))},ye.prototype.forceUpdate=function(e){this.__v&&(this.__g|=4,e&&this.__h.push(e),Kn(this))},ye.prototype.render=Fe,ce=[],nt=0,zn=function(e,t){return e.__v.__b-t.__v.__b},et=Symbol(),Vn=/(PointerCapture)$|Capture$/i,Bt=0,Wt={},oa=0;var be,L,Yt,oo,Zt=Object.is,st=0,mo=[],Xt=[],I=O,ro=I.__b,ao=I.__r,so=I.diffed,io=I.__c,lo=I.unmount,co=I.__;function He(e,t){I.__h&&I.__h(L,e,st||t),st=0;var n=L.__H||(L.__H={__:[],__h:[]});return e>=n.__.length&&n.__.push({}),n.__[e]}function g(e){return st=1,da(fo,e)}function da(e,t,n){var o=He(be++,2);if(o.t=e,!o.__c&&(o.__=[n?n(t):fo(void 0,t),function(r){var s=(o.__N||o.__)[0],l=o.t(s,r);Zt(s,l)||(o.__N=[l,o.__[1]],o.__c.setState({}))}],o.__c=L,!L.__f)){L.__f=!0;var a=L.shouldComponentUpdate;L.shouldComponentUpdate=function(r,s,l){var u=this.__H;if(!u)return!0;var d=!1,c=this.props!=r;if(u.__.some(function(f){f.__N&&(d=!0,Zt(f.__[0],f.__N[0])||(c=!0))}),a){var m=a.call(this,r,s,l);return d?m||c:m}return!d||c}}return o.__}function C(e,t){var n=He(be++,3);!I.__s&&on(n.__H,t)&&(n.__P=!0,n.__=e,n.u=t,L.__H.__h.push(n))}function tn(e,t){var n=He(be++,4);!I.__s&&on(n.__H,t)&&(n.__P=!1,n.__=e,n.u=t,L.__h.push(n))}function j(e){return st=5,ge(function(){return{current:e}},[])}function ge(e,t){var n=He(be++,7);return on(n.__H,t)&&(n.__=e(),n.__H=t),n.__}function nn(){var e=He(be++,11);if(!e.__){for(var t=L.__v;!t.__m&&t.__;)t=t.__;var n=t.__m||(t.__m=[0,0]);e.__="P"+n[0]+"-"+n[1]++}return e.__}function pa(){var e;do{for(;e=Xt.shift();)try{Ue(e)}catch(n){I.__e(n,{__:(e=e.__P)&&e.__v})}for(;e=mo.shift();){var t=e.__H;if(e.__P&&t)try{t.__h.some(Ue),t.__h.some(en),t.__h=[]}catch(n){t.__h=[],I.__e(n,e.__v)}}}while(Xt.length)}I.__b=function(e){L=null,ro&&ro(e)},I.__=function(e,t){e&&t.__k&&t.__k.__m&&(e.__m=t.__k.__m),co&&co(e,t)},I.__r=function(e){ao&&ao(e),be=0;var t=(L=e.__c).__H;t&&(Yt==L?L.__h=[]:(t.__h.some(Ue),t.__h.some(en),be=0),t.__h=[],t.__.some(function(n){n.__N&&(n.__=n.__N),n.u=n.__N=void 0})),Yt=L},I.diffed=function(e){so&&so(e);var t=e.__c;t&&t.__H&&(t.__H.__h.length&&po(mo.push(t)),t.__H.__.some(function(n){n.u&&(n.__H=n.u)})),Yt=L=null},I.__c=function(e,t){t.some(function(n){try{n.__h.some(Ue),n.__h=n.__h.filter(function(o){return!o.__||en(o)})}catch(o){n.__h=[function(){throw o}]}}),io&&io(e,t)},I.unmount=function(e){lo&&lo(e);var t,n,o=e.__c;o&&o.__H&&(o.__H.__.some(function(a){try{if(a.__P&&a.__c){if(n===void 0){for(n=e.__;n&&(!n.__c||!n.__c.__P);)n=n.__;n=n&&n.__c}a.__P=n,po(Xt.push(a))}else Ue(a)}catch(r){t=r}}),o.__H=void 0,t&&I.__e(t,o.__v))};var uo=typeof requestAnimationFrame=="function";function ma(e){var t,n=function(){clearTimeout(o),uo&&cancelAnimationFrame(t),setTimeout(e)},o=setTimeout(n,35);uo&&(t=requestAnimationFrame(n))}function po(e){e!=1&&oo==I.requestAnimationFrame||((oo=I.requestAnimationFrame)||ma)(pa)}function Ue(e){var t=L,n=e.__c;typeof n=="function"&&(e.__c=void 0,n()),L=t}function en(e){var t=L;e.__c=e.__(),L=t}function on(e,t){return!e||e.length!=t.length||t.some(function(n,o){return!Zt(n,e[o])})}function fo(e,t){return typeof t=="function"?t(e):t}var i=Bn.bind(Gn);function E(e){let t=e,n=new Set;return{get:()=>t,set(o){t=typeof o=="function"?o(t):o;for(let a of[...n])a(t)},listen(o){return n.add(o),()=>n.delete(o)}}}function w(e){let[t,n]=g(e.get());return C(()=>(n(()=>e.get()),e.listen(o=>n(()=>o))),[e]),t}var{content:rn,dataset:fa}=document.querySelector('meta[name="taskway-api"]'),it=rn==="./"?"":rn,ho=new URL(rn,window.location.href).href.replace(/\/$/,""),Ee=fa.signIn==="token",Z=E({value:null,refused:!1});function $o(e){e!==null&&Z.get().value===e&&Z.set({value:null,refused:!0})}var _o=[1e3,1e3,2e3,3e3,5e3],ha=5e3,W=E({down:null}),lt=null,ct=0;function an(){W.get().down&&(clearTimeout(lt),ct=0,W.set({down:null}))}function sn(e){W.get().down||(ct=0,W.set({down:{since:Date.now(),detail:e}}),yo())}function ln(){return clearTimeout(lt),bo()}function yo(){clearTimeout(lt);let e=_o[Math.min(ct,_o.length-1)];ct+=1,W.set(({down:t})=>({down:{...t,next:Date.now()+e}})),lt=setTimeout(bo,e)}async function bo(){if(!document.hidden){try{let e=await fetch(`${it}healthz`,{signal:AbortSignal.timeout(ha),cache:"no-store"});if(e.status!==502&&e.status!==504)return an()}catch{}W.get().down&&yo()}}document.addEventListener("visibilitychange",()=>{!document.hidden&&W.get().down&&ln()});var vo=2,$a=6e4,ke=E(!0),ut=new Set,dt=[],go=null;function wo(){dt=[...dt.slice(-(vo-1)),performance.now()]}function xo(e,t){let n={ask:e,every:t,due:0,asking:!1};return ut.add(n),cn(n),{stop:()=>ut.delete(n),now:()=>cn(n)}}async function cn(e){if(!e.asking){e.asking=!0;try{await e.ask()}finally{e.asking=!1,e.due=performance.now()+e.every,un()}}}function un(){clearTimeout(go);let e=Ee&&Z.get().value===null;if(document.hidden||e||!ke.get()||W.get().down)return;let t=[...ut].filter(r=>!r.asking);if(t.length===0)return;let n=t.reduce((r,s)=>s.due<r.due?s:r),o=dt.length<vo?0:dt[0]+1e3,a=Math.max(n.due,o)-performance.now();go=setTimeout(()=>a>0?un():cn(n),Math.min(Math.max(a,0),$a))}function pt(){un()}document.addEventListener("visibilitychange",pt);ke.listen(pt);Z.listen(pt);var ko=!1;W.listen(({down:e})=>{if(ko&&!e)for(let t of ut)t.due=0;ko=!!e,pt()});var mt=E(dn());window.addEventListener("hashchange",()=>mt.set(dn()));function dn(){let[e,t]=window.location.hash.replace(/^#\/?/,"").split("?");return{parts:e.split("/").filter(Boolean).map(_a),query:new URLSearchParams(t??"")}}function _a(e){try{return decodeURIComponent(e)}catch{return e}}function pn(e){let t=Object.entries(e);return new URLSearchParams(t.filter(([n,o])=>o!=null&&(o!==""||n.startsWith("label."))))}function b(e,t={}){let n=pn(t);return`#/${e.map(encodeURIComponent).join("/")}${n.size>0?`?${n}`:""}`}function X(e){window.location.hash=e}function ft(e){window.history.replaceState(null,"",e),mt.set(dn())}var Pe=E(!1),Ne={o:["Overview",[]],t:["Tasks",["tasks"]],d:["Dead letters",["dead"]],q:["Queues",["queues"]],s:["Schedules",["schedules"]],n:["Submit",["submit"]],a:["About",["about"]]},ya=1500,mn=0,So={"/":()=>(document.querySelector("[data-filter]")??document.querySelector("[data-jump]")).focus(),j:()=>To(1),k:()=>To(-1),x:()=>Oo()?.querySelector("input[type=checkbox]")?.click(),"]":()=>document.querySelector("[data-next]")?.click(),"[":()=>window.history.back(),l:()=>ke.set(e=>!e),"?":()=>Pe.set(!0)};function Ao(){document.addEventListener("keydown",e=>{if(!(e.ctrlKey||e.metaKey||e.altKey||e.defaultPrevented||document.querySelector("dialog[open]"))){if(e.target.closest("input:not([type=checkbox]), textarea, select")){e.key==="Escape"&&e.target.blur();return}ba(e.key)&&e.preventDefault()}})}function ba(e){if(performance.now()<mn&&e in Ne)return mn=0,X(b(Ne[e][1])),!0;if(e==="g")return mn=performance.now()+ya,!0;if(e in So)return So[e](),!0;let t=document.querySelector(`[data-key="${CSS.escape(e)}"]`);return!t||t.disabled?!1:(t.click(),!0)}var Oo=()=>document.activeElement?.closest("[data-row]");function To(e){let t=[...document.querySelectorAll("[data-row]")];if(t.length===0)return;let n=t.indexOf(Oo()),o=t[n<0?0:Math.min(Math.max(n+e,0),t.length-1)];o.querySelector("a.row").focus(),o.scrollIntoView({block:"nearest"})}var ga=1e4,ka=3e4,We=class extends Error{constructor(t,n,o){super(n.detail||n.title||n.message||`the answer has status ${t}`),this.status=t,this.problem=n,this.id=o}},ve=class extends Error{},va=2e3,Co=0;window.addEventListener("beforeunload",()=>{Co=performance.now()+va});function N(e,t){return Eo("GET",e,void 0,ga,t)}function F(e,t,n){return Eo(e,t,n,ka)}async function Eo(e,t,n,o,a){wo();let r=AbortSignal.timeout(o),s=Z.get().value,l=s?{authorization:`Bearer ${s}`}:{};e!=="GET"&&(l["content-type"]="application/json");let u={method:e,headers:l,signal:a?AbortSignal.any([a,r]):r,cache:"no-store"};n!==void 0&&(u.body=typeof n=="string"?n:JSON.stringify(n));let d,c;try{d=await fetch(t,u),c=await d.text()}catch(f){if(a?.aborted)throw f;if(!r.aborted&&performance.now()<Co)return new Promise(()=>{});let p=r.aborted?`no answer within ${o/1e3} s`:"no connection to the stack",h=e==="GET"?"":"; it may have been done all the same";throw sn(p),new ve(`${p}${h}`)}let m=wa(c);if(d.status===502||d.status===504){let f=m?.detail??"the server between this page and the stack got no answer";throw sn(f),new ve(f)}if(an(),d.status===401&&Ee&&$o(s),!d.ok)throw new We(d.status,m??{},d.headers.get("x-request-id"));return{json:m,text:c,status:d.status}}function wa(e){try{return JSON.parse(e)}catch{return null}}function k(...e){return`${it}${["v1",...e.map(encodeURIComponent)].join("/")}`}function U(e,t){let n=pn(t);return n.size>0?`${e}?${n}`:e}var Po="taskway.bulk",xa=2e4,ae=500,Sa=20,we=E(Ta());function Ta(){try{return(JSON.parse(sessionStorage.getItem(Po))??[]).map(t=>t.state==="running"?{...t,state:"stopped"}:t)}catch{return[]}}we.listen(e=>{try{sessionStorage.setItem(Po,JSON.stringify(e.filter(t=>t.state!=="done")))}catch{}});function ht({title:e,verb:t,steps:n,total:o}){let a=Date.now(),r={id:a,title:e,verb:t,steps:n,total:o,at:0,cursor:null,matched:0,done:0,refused:null,state:"running"};return we.set(s=>[...s,r]),Ro(a)}function qo(e){Be(e,{state:"stopped"})}function Do(e){return Be(e,{state:"running",problem:null}),Ro(e)}function fn(e){we.set(t=>t.filter(n=>n.id!==e))}var No=e=>we.get().find(t=>t.id===e);function Be(e,t){we.set(n=>n.map(o=>o.id===e?{...o,...t}:o))}async function Ro(e){for(let t=No(e);t?.state==="running";t=No(e)){if(t.at>=t.steps.length){Be(e,{state:"done"}),setTimeout(()=>fn(e),xa);return}try{Be(e,await Aa(t))}catch(n){Be(e,{state:"failed",problem:n.message});return}}}async function Aa({steps:e,at:t,cursor:n,matched:o,done:a,refused:r}){let{path:s,body:l}=e[t];if(l===void 0){try{await F("POST",s)}catch(c){if(!(c instanceof We)||![404,409].includes(c.status))throw c;return{at:t+1,matched:o+1,refused:c.message}}return{at:t+1,matched:o+1,done:a+1,refused:r}}let{json:u}=await F("POST",s,{...l,cursor:n??void 0}),d=u.next_cursor;return{at:d?t:t+1,cursor:d,matched:o+u.matched,done:a+u.done}}function hn(e,t){let n=[];for(let o=0;o<t.length;o+=ae)n.push({path:e,body:{ids:t.slice(o,o+ae)}});return n}async function Io({path:e,parameters:t,fits:n},o,a){let r=0,s=null;for(let l=0;l<Sa;l+=1){let{json:u}=await N(U(e,{...t,limit:ae,cursor:s}),o);if(r+=u.tasks.filter(n).length,s=u.next_cursor,!s)return{counted:r,more:!1};a(r)}return{counted:r,more:!0}}function Ke(e){return String(Math.round(e)).replace(/\B(?=(\d{3})+$)/g,",")}function v(e){return e==null?"\u2013":typeof e=="object"?`${Ke(e.at_least)}+`:Ke(e)}function V(e){return e==null?0:typeof e=="object"?e.at_least:e}function H(e,t,n=`${t}s`){return`${v(e)} ${V(e)===1&&typeof e!="object"?t:n}`}function Lo(e){let t=e*100;return`${t>0&&t<10?t.toFixed(1):Math.round(t)} %`}var Oa=[[1e3,6e4,"s"],[6e4,36e5,"min"],[36e5,864e5,"h"],[864e5,Number.POSITIVE_INFINITY,"d"]];function z(e){if(e<1e3)return`${Math.max(0,Math.round(e))} ms`;let[t,,n]=Oa.find(([,a])=>e<a),o=e/t;return`${o<10&&t>1e3?Math.floor(o*10)/10:Math.floor(o)} ${n}`}function Mo(e,t){let n=t-e;return Math.abs(n)<1e3?"now":n>0?`${z(n)} ago`:`in ${z(-n)}`}var Ca=["Sun","Mon","Tue","Wed","Thu","Fri","Sat"],Ea=["Jan","Feb","Mar","Apr","May","Jun","Jul","Aug","Sep","Oct","Nov","Dec"];function jo(e){let t=new Date(e),n=[t.getHours(),t.getMinutes(),t.getSeconds()].map(o=>String(o).padStart(2,"0")).join(":");return{day:`${Ca[t.getDay()]} ${t.getDate()} ${Ea[t.getMonth()]}`,year:t.getFullYear(),time:n}}function $n(e){let{day:t,year:n,time:o}=jo(e);return`${t} ${n}, ${o} (${e})`}function Fo(e){let{day:t,time:n}=jo(e);return`${t}, ${n}`}function ne(e){return e?.handler?e.handler:e?.http?`${e.http.method??"POST"} ${e.http.url}`:e?.lambda?`\u03BB ${e.lambda.function}`:"unknown target"}function Je(e){if(!e)return"no limit";let t=e.per_seconds===1?"second":`${Ke(e.per_seconds)} s`;return`${Ke(e.tasks)} per ${t}${e.burst>1?`, burst ${Ke(e.burst)}`:""}`}function Uo(){let e=w(we);return e.length===0?null:i`<section class="tray" aria-label="Changes of many tasks">
    ${e.map(t=>i`<${Na} key=${t.id} one=${t} />`)}
  </section>`}function Na({one:e}){let{id:t,title:n,verb:o,total:a,steps:r,at:s,matched:l,done:u,refused:d,state:c,problem:m}=e,f=a>0?Math.max(a,l):null,p=c==="done"?1:f?l/f:s/r.length;return i`
    <article class=${`bulk ${c}`}>
      <h2>${n}</h2>
      <progress max="1" value=${p} aria-label=${n}></progress>
      <p role="status">
        ${H(u,"task")} ${o}${f&&c!=="done"?` of ${v(f)}`:""}${l>u?`, ${v(l-u)} had moved on`:""}${c==="stopped"?"; stopped":""}${c==="done"?".":""}
      </p>
      ${d&&i`<p class="faint">${d}</p>`}
      ${c==="failed"&&i`<p class="bad">${m}. What was done stays done.</p>`}
      <div class="buttons">
        ${c==="running"&&i`<button type="button" onClick=${()=>qo(t)}>Stop</button>`}
        ${(c==="stopped"||c==="failed")&&i`<button type="button" class="primary" onClick=${()=>Do(t)}>Go on</button>`}
        ${c!=="running"&&i`<button type="button" onClick=${()=>fn(t)}>Close</button>`}
      </div>
    </article>
  `}var _n=E(null);function oe(e){return new Promise(t=>_n.set({...e,resolve:t}))}function Ho(){let e=w(_n);return e&&i`<${Pa} key=${e.title} ...${e} />`}function Pa({title:e,text:t,verb:n,danger:o=!0,typed:a,resolve:r}){let s=j(),[l,u]=g("");C(()=>s.current.showModal(),[]);let d=m=>{s.current?.close(),_n.set(null),r(m)};return i`
    <dialog ref=${s} aria-labelledby="question" onCancel=${m=>{m.preventDefault(),d(!1)}}>
      <form onSubmit=${m=>{m.preventDefault(),d(!0)}}>
        <h2 id="question">${e}</h2>
        <div class="question">${t}</div>
        ${a&&i`<div class="field"><label><span>Type <code>${a}</code> to go on</span>
            <input value=${l} onInput=${m=>u(m.target.value)} autocomplete="off" autofocus />
          </label></div>`}
        <div class="buttons end">
          <button type="button" onClick=${()=>d(!1)}>Leave it</button>
          <button type="submit" class=${o?"danger":"primary"} disabled=${a!==void 0&&l!==a} autofocus=${!a}>${n}</button>
        </div>
      </form>
    </dialog>
  `}var B=E(null);async function yn(){try{B.set((await N("ui.json")).json)}catch{}}function pe(){return w(B)?.api??ho}function K(){return w(B)?.read_only??!1}var qa=6e3,bn=E([]),Wo=0;function M(e,t="good"){Wo+=1;let n=Wo;bn.set(o=>[...o.slice(-3),{id:n,text:e,tone:t}]),setTimeout(()=>bn.set(o=>o.filter(a=>a.id!==n)),qa)}function Bo(){let e=w(bn);return i`
    <div class="toasts" role="status" aria-live="polite">
      ${e.map(({id:t,text:n,tone:o})=>i`<p key=${t} class=${`toast ${o}`}>${n}</p>`)}
    </div>
  `}function Ko({here:e,children:t}){return i`
    <a class="skip" href="#main" onClick=${n=>{n.preventDefault(),document.getElementById("main").focus()}}>Skip to the content</a>
    <${Da} here=${e} />
    <main id="main" tabindex="-1"><${Ia} />${t}</main>
  `}function Da({here:e}){let t=w(B),n=w(ke),{down:o}=w(W),a=j();return C(()=>a.current.querySelector("[aria-current]")?.scrollIntoView({block:"nearest",inline:"nearest"}),[e]),i`<header class="top">
    <a class="brand" href=${b([])}><img src="icon.svg" alt="" width="20" height="20" /> Taskway</a>
    <nav ref=${a} aria-label="Screens">
      ${Object.entries(Ne).map(([r,[s,l]])=>i`<a key=${r} href=${b(l)} aria-current=${(l[0]??"")===e?"page":null} title=${`keys g ${r}`}>${s}</a>`)}
    </nav>
    <div class="aside">
      ${t?.read_only&&i`<span class="chip">read only</span>`}
      <${Ra} />
      <button type="button" class="quiet" aria-pressed=${n} title="key l" onClick=${()=>ke.set(!n)}><span class=${`dot ${n&&!o?"on":""}`} aria-hidden="true"></span>${n?o?"no answer":"live":"stopped"}</button>
      <button type="button" class="quiet" title="key ?" aria-label="Keys" onClick=${()=>Pe.set(!0)}>?</button>
    </div>
  </header>`}function Ra(){let[e,t]=g("");return i`<form class="jump" role="search" aria-label="Find a task" onSubmit=${o=>{o.preventDefault(),e.trim()!==""&&(X(b(["tasks",e.trim()])),t(""))}}>
    <input data-jump type="search" placeholder="Task id" aria-label="Task id" autocomplete="off" value=${e} onInput=${o=>t(o.target.value)} />
  </form>`}function Ia(){let{down:e}=w(W),[t,n]=g(Date.now()),o=j(null);if(C(()=>{if(o.current&&!e&&M("The stack answers again."),o.current=e,!e)return;n(Date.now());let r=setInterval(()=>n(Date.now()),500);return()=>clearInterval(r)},[e]),!e)return null;let a=Math.max(0,Math.ceil((e.next-t)/1e3));return i`<div class="banner" role="alert">
    <p><strong>The stack does not answer</strong>: ${e.detail}. What you see is from before. <span aria-hidden="true">Asking again ${a>0?`in ${a} s`:"now"}.</span></p>
    <button type="button" onClick=${ln}>Ask now</button>
  </div>`}var La=[["/","to the filter, or to the box that takes a task id"],["j  k","next row, row before"],["Enter","open the row"],["x","select the row"],["]  [","next page, back"],["n  r  c","of a task: run now, retry, cancel"],["e","edit: submit a task again, change limits or a schedule"],["p","pause or resume a queue or a schedule"],["v","keep the filters of the tasks as a view"],["l","stop or go on following the stack"],["Esc","leave a field or a question"],["?","this list"]];function Jo(){return w(Pe)&&i`<${Ma} />`}function Ma(){let e=j();C(()=>e.current.showModal(),[]);let t=()=>Pe.set(!1),n=([o,a])=>i`<tr key=${o}><th scope="row">${o.split(/ +/).map(r=>i`<kbd>${r}</kbd> `)}</th><td>${a}</td></tr>`;return i`<dialog ref=${e} aria-labelledby="keys" onClose=${t}>
    <h2 id="keys">Keys</h2>
    <table class="keys"><tbody>
      ${La.map(n)}
      ${Object.entries(Ne).map(([o,[a]])=>n([`g ${o}`,a]))}
    </tbody></table>
    <div class="buttons end"><button type="button" class="primary" autofocus onClick=${()=>e.current.close()}>Close</button></div>
  </dialog>`}var ja={"/problems/not-found":"It may have been deleted, or its record was kept only until its time was over.","/problems/state-conflict":"It has moved on in the meantime. Look at its state, and decide again.","/problems/throttled":"DynamoDB throttles the stack. Wait a moment, and try again.","/problems/unavailable":"DynamoDB or SQS does not answer the stack. Wait a moment, and try again.","/problems/unauthorized":"Start `taskway ui` with credentials that may call this API.","/problems/read-only":"This dashboard only looks. Start it without --read-only to change something.","/problems/internal":"The log of the stack has the cause under this request id."};function T({problem:e,retry:t,alone:n=!1}){if(!e||t&&!n&&e instanceof ve)return null;let o=e.problem??{},a=ja[o.type];return i`
    <div class="problem" role="alert">
      <p><strong>${Fa(e,o)}</strong></p>
      ${!o.errors?.length&&e.message!==o.title&&i`<p>${e.message}</p>`}
      ${o.errors?.length>0&&i`<ul>
        ${o.errors.map(r=>i`<li><code>${Ua(r)}</code> ${r.detail}</li>`)}
      </ul>`}
      ${a&&i`<p>${a}</p>`}
      ${e.id&&i`<p class="faint">request id <code>${e.id}</code></p>`}
      ${t&&i`<p><button type="button" onClick=${t}>Try again</button></p>`}
    </div>
  `}function Fa(e,t){return t.title?t.title:e instanceof ve?"The stack does not answer":e.status?`The API refused this with ${e.status}`:"This page failed"}function Ua({pointer:e,header:t,parameter:n}){return e??t??n??""}function D({problem:e,retry:t}){return e?i`<${T} problem=${e} retry=${t} alone />`:i`<p class="faint loading" role="status">Loading…</p>`}function S({label:e,hint:t,fault:n,children:o}){let a=nn(),r=Array.isArray(o)?o[0]:o;return i`<div class=${`field ${n?"faulty":""}`}>
    <label><span>${e}</span>${Jt(r,n||t?{"aria-describedby":a,"aria-invalid":n?"true":null}:{})}</label>
    ${n?i`<span id=${a} class="bad" role="alert">${n}</span>`:t&&i`<span id=${a} class="faint">${t}</span>`}
  </div>`}function J(e,t){return(e?.problem?.errors??[]).filter(({pointer:a})=>a===t||a?.startsWith(`${t}/`)).map(({detail:a})=>a).join("; ")}function G(e){let t=String(e??"").trim();if(t==="")return null;let n=Number(t);return Number.isNaN(n)?t:n}var Ha=/^[\w.~+/=-]+$/;function gn(){let{refused:e}=w(Z),[t,n]=g(""),[o,a]=g(e?"The API did not take that token. It may have expired.":null);return i`
    <header class="top"><span class="brand"><img src="icon.svg" alt="" width="20" height="20" /> Taskway</span></header>
    <main>
      <h1>Sign in</h1>
      <form class="panel" onSubmit=${s=>{s.preventDefault();let l=t.trim().replace(/^bearer\s+/i,"");Ha.test(l)?Z.set({value:l,refused:!1}):a("A token has letters, digits and - . _ ~ + / = only. This one may have been cut, or has a character too many.")}}>
        <${S} label="Token" fault=${o} hint="A bearer token of the API's issuer, for one of its audiences. The page keeps it in memory only, so a reload asks for it again.">
          <input class="secret" type="text" required autofocus autocomplete="off" autocapitalize="off" spellcheck="false" value=${t} onInput=${s=>{n(s.target.value),a(null)}} />
        <//>
        <button type="submit" class="primary">Sign in</button>
      </form>
    </main>
  `}var Wa={dev:"taskway dev: the embedded stack, in one process on this machine",ui:"taskway ui: a server on this machine that passes calls on to the API",api:"the API itself. The page sends it your token, and keeps the token in memory only"};function Qo(){let e=w(B),t=pe();return e?i`
    <h1>About</h1>
    <section class="panel"><dl class="fields">
      <dt>version</dt><dd>${e.version}</dd>
      <dt>served by</dt><dd>${Wa[e.serves]??e.serves}</dd>
      <dt>API</dt><dd><code>${t}</code></dd>
      <dt>may change things</dt><dd>${e.read_only?"no: it was started with --read-only":"yes"}</dd>
    </dl></section>
    <section class="panel">
      <h2>What this page asks for</h2>
      <p>At most two requests a second while you look at it, and none while it is hidden. Nothing leaves for any other place. The numbers are those of the API: SQS's may be a minute old.</p>
      <p>It is drawn with Preact and htm: <a href="licences.txt">their licences</a>.</p>
    </section>
  `:i`<h1>About</h1><${D} />`}function $t(e){let t=/^((?:\\[\\=]|\\(?![\\=])|[^\\=])+)=(.*)$/s.exec(e),n=t?.[1].trim().replace(/\\([\\=])/g,"$1");return n?[n,t[2].trim()]:null}function ee(e,t){return`${e.replace(/[\\=]/g,"\\$&")}=${t}`}function zo({list:e,onCounted:t}){let[n,o]=g({counted:0,counting:!0});return C(()=>{let a=new AbortController;return Io(e,a.signal,r=>!a.signal.aborted&&o({counted:r,counting:!0})).then(r=>{o({...r,counting:!1}),t(r.counted)},r=>!a.signal.aborted&&o(s=>({...s,counting:!1,problem:r}))),()=>a.abort()},[]),i`<p class="dry" aria-live="polite">
    ${n.counting&&i`Counting… <strong>${v(n.counted)}</strong> so far`}
    ${n.problem&&i`The count ended at <strong>${v(n.counted)}</strong>: ${n.problem.message}`}
    ${!n.counting&&!n.problem&&i`<strong>${H(n.more?{at_least:n.counted}:n.counted,"task")}</strong> ${n.counted===1?"matches":"match"} now.`}
  </p>`}var Vo=["scheduled","queued","running","succeeded","failed","cancelled","expired"],Ba={scheduled:"\u25F7",queued:"\u2261",running:"\u25B8",succeeded:"\u2713",failed:"\u2715",cancelled:"\u2298",expired:"\u25CC"},xe=e=>["scheduled","queued","running"].includes(e),qe=e=>["scheduled","queued"].includes(e),_t=e=>["succeeded","failed","cancelled","expired"].includes(e);function De({of:e}){return i`<span class=${`state ${e}`}><span class="shape" aria-hidden="true">${Ba[e]??"?"}</span><span class="word">${e}</span></span>`}var Go={cancel:{title:"Cancel this task?",text:"A task that waits never starts. A running attempt learns of it at its next heartbeat, within 30 s, and its result is dropped.",verb:"Cancel the task",done:"Cancelled.",many:"cancelled",manyText:"Those that wait never start. Running attempts learn of it at their next heartbeat, within 30 s, and their results are dropped."},run:{done:"It starts now.",many:"started",manyText:"They start now, whatever their time is.",danger:!1},retry:{title:"Start this task again?",text:"Its attempts are counted from 0. A deadline that has passed is dropped.",verb:"Start it again",danger:!1,done:"It starts again.",many:"started again",manyText:"Their attempts are counted from 0. Deadlines that have passed are dropped."}};async function Se(e,t){try{await e()}catch(n){return M(n.message,"bad"),!1}return M(t),!0}async function Yo(e,t){let{title:n,text:o,verb:a,danger:r,done:s}=Go[e];return n&&!await oe({title:n,text:o,verb:a,danger:r})?!1:Se(()=>F("POST",k("tasks",t,e)),s)}async function Zo(e,t){let{many:n,manyText:o,danger:a}=Go[e],r=H(t.length,"task"),s={cancel:"Cancel",run:"Run",retry:"Retry"}[e];if(!await oe({title:`${s} ${r}?`,text:o,verb:`${s} ${r}`,danger:a}))return!1;let u=e==="cancel"?hn(k("tasks","cancel"),t):t.map(d=>({path:k("tasks",d,e)}));return ht({title:`${s} ${r}`,verb:n,steps:u,total:t.length}),!0}async function Xo(e,t){let n=H(e.length,"task"),o=`Redrive ${n}?`;if(!await oe({title:o,text:t,verb:`Redrive ${n}`,danger:!1}))return!1;let r=hn(k("dead","redrive"),e);return ht({title:`Redrive ${n}`,verb:"started again",steps:r,total:e.length}),!0}function er({queue:e,state:t,labels:n}){let o={limit:ae};return e&&(o.queue=e),t&&(o.state=t),n.length>0&&(o.labels=Object.fromEntries(n)),o}function Re({queue:e,state:t,labels:n}){return{queue:e,state:t,...Object.fromEntries(n.map(([o,a])=>[`label.${o}`,a]))}}async function yt(e){return kn({title:"Redrive all that match",text:`${or({...e,state:null},"every failed task")} start again. Their attempts are counted from 0.`,verb:"Redrive them",many:"started again",danger:!1,list:{path:k("dead"),parameters:Re({...e,state:""}),fits:()=>!0},step:{path:k("dead","redrive"),body:er({...e,state:""})}})}async function tr(e){let t=er(e),n=!e.queue&&!e.state&&e.labels.length===0;return kn({title:"Cancel all that match",text:`${or(e,"every open task of the stack")} are cancelled, if they have not ended.`,verb:"Cancel them",many:"cancelled",typed:n?"everything":void 0,list:{path:k("tasks"),parameters:Re(e),fits:({state:o})=>xe(o)},step:{path:k("tasks","cancel"),body:n?{...t,all:!0}:t}})}async function nr(e){return kn({title:`Purge ${e}`,text:"The tasks of this queue that wait are cancelled. Those that run go on, and the queue stays.",verb:"Purge the queue",many:"cancelled",typed:e,list:{path:k("tasks"),parameters:{queue:e},fits:({state:t})=>qe(t)},step:{path:k("queues",e,"purge"),body:{}}})}async function kn({title:e,text:t,verb:n,many:o,danger:a,typed:r,list:s,step:l}){let u=null,c=i`<p>${t}</p><${zo} list=${s} onCounted=${m=>{u=m}} />`;return await oe({title:`${e}?`,text:c,verb:n,danger:a,typed:r})?(ht({title:e,verb:o,steps:[l],total:u}),!0):!1}function or({queue:e,state:t,labels:n},o){let a=[];e&&a.push(`in queue ${e}`),t&&a.push(`that are ${t}`);for(let[r,s]of n)a.push(`with ${ee(r,s)}`);return a.length>0?`Tasks ${a.join(", ")}`:`${o[0].toUpperCase()}${o.slice(1)}`}function Ka(e){let t=(e?.message??"no error was kept").replace(/"[^"]*"|'[^']*'|`[^`]*`/g,'"\u2026"').replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,"\u2026").replace(/\bt[A-Za-z0-9_-]{30,}\b/g,"\u2026").replace(/0x[0-9a-f]+|\d+(?:[.,]\d+)*/gi,"#");return`${e?.kind??"unknown"}: ${t}`}function bt(e){let t=new Map;for(let o of e){let a=Ka(o.error),r=t.get(a)??{key:a,kind:o.error?.kind??"unknown",tasks:[],queues:new Map};r.tasks.push(o),r.queues.set(o.queue,(r.queues.get(o.queue)??0)+1),t.set(a,r)}return[...t.values()].map(o=>({...o,latest:o.tasks[0],first:o.tasks[o.tasks.length-1]})).sort((o,a)=>a.tasks.length-o.tasks.length)}function rr({tasks:e,next_cursor:t},n,o){let a=Array(n).fill(0),r=({finished_at:u})=>n-1-Math.max(0,Math.floor((o-Date.parse(u))/6e4));for(let u of e)r(u)>=0&&(a[r(u)]+=1);let s=e[e.length-1],l=t?s?r(s):n-1:-1;return a.map((u,d)=>d>l?u:d===l?{at_least:u}:null)}async function Qe(e,t){let{json:n}=await N(U(k("dead"),e),t);return n}function gt(e){return{queue:e.get("queue")??"",state:e.get("state")??"",labels:[...e].filter(([t])=>t.startsWith("label.")).map(([t,n])=>[t.slice(6),n]),cursor:e.get("cursor")??""}}function Q(e,{queue:t,state:n,labels:o,cursor:a=""}){let r={queue:t,state:n,...Object.fromEntries(o.map(([s,l])=>[`label.${s}`,l])),cursor:a};return b([e],r)}function kt(e,t,n){X(Q(e,{...t,cursor:"",...n}))}var Ja=40,Te=new Map;function Qa(e,t){Te.delete(e),Te.set(e,{data:t,at:Date.now()}),Te.size>Ja&&Te.delete(Te.keys().next().value)}function A(e,t,n){let[o,a]=g({key:null}),r=j();r.current=t;let s=j();return C(()=>{if(e===null)return;let u=new AbortController,c=xo(async()=>{try{let m=await r.current(u.signal);if(u.signal.aborted)return;Qa(e,m),a({key:e,data:m,at:Date.now()})}catch(m){u.signal.aborted||a(f=>({...f.key===e?f:Te.get(e),key:e,problem:m}))}},n);return s.current=c,()=>{c.stop(),u.abort()}},[e,n]),{...o.key===e?o:{...Te.get(e)},refresh:()=>s.current?.now()}}var za=100,Ie=E(new Map);async function Le(e){let{json:t}=await N(U(k("queues"),{limit:za}),e);return t}async function vn(e,t){let{json:n}=await N(k("queues",e),t);return Ie.set(o=>new Map(o).set(e,{...n,at:Date.now()})),n}async function vt(e,t){let n=Ie.get(),o=r=>n.get(r)?.at??0,[a]=[...e].sort((r,s)=>o(r)-o(s));return a!==void 0&&await vn(a,t),null}function ar(e){return!!(e.concurrency??e.rate??e.per_key?.concurrency??e.per_key?.rate)}function ze({screen:e,filters:t,states:n=!1}){let o=A("queues",Le,6e4);return i`<div class="filters" role="search" aria-label="Filters">
    ${n&&i`<${Va} screen=${e} filters=${t} />`}
    <div class="inputs">
      <${Ga} screen=${e} filters=${t} known=${o.data?.queues??[]} />
      <${Ya} screen=${e} filters=${t} />
      ${t.labels.map(([a,r],s)=>i`<span class="chip" key=${a}>${ee(a,r)}
          <button type="button" class="quiet" aria-label=${`Remove the label ${ee(a,r)}`} onClick=${()=>kt(e,t,{labels:t.labels.filter((l,u)=>u!==s)})}>✕</button>
        </span>`)}
      ${(t.queue||t.labels.length>0)&&i`<a href=${Q(e,{state:t.state,labels:[]})}>Clear</a>`}
    </div>
  </div>`}function Va({screen:e,filters:t}){let n=(o,a)=>i`<a class="tab" key=${o} aria-current=${t.state===o?"true":null} href=${Q(e,{...t,cursor:"",state:o})}>${a}</a>`;return i`<nav class="tabs" aria-label="States">${n("","all")}${Vo.map(o=>n(o,o))}</nav>`}function Ga({screen:e,filters:t,known:n}){let[o,a]=g(t.queue);C(()=>a(t.queue),[t.queue]);let r=()=>o.trim()!==t.queue&&kt(e,t,{queue:o.trim()});return i`<label>Queue
    <input type="search" data-filter list="queues" value=${o} placeholder="any" autocomplete="off"
      onInput=${s=>a(s.target.value)} onChange=${r} onSearch=${r}
      onKeyDown=${s=>s.key==="Enter"&&r()} />
    <datalist id="queues">${n.map(({name:s})=>i`<option key=${s} value=${s} />`)}</datalist>
  </label>`}function Ya({screen:e,filters:t}){let[n,o]=g(""),[a,r]=g(!1),s=()=>{let l=$t(n);r(!l&&n.trim()!==""),l&&(o(""),kt(e,t,{labels:[...t.labels.filter(([u])=>u!==l[0]),l]}))};return i`<label>Label
    <input value=${n} placeholder="name=value" title="\\= stands for a = in the name" autocomplete="off"
      aria-invalid=${a?"true":null} aria-describedby=${a?"label-fault":null}
      onInput=${l=>{o(l.target.value),r(!1)}} onChange=${s} onKeyDown=${l=>l.key==="Enter"&&s()} />
    ${a&&i`<span id="label-fault" class="bad" role="alert">Type name=value, with \\= for a = in the name.</span>`}
  </label>`}var wn=new Set;setInterval(()=>{if(!document.hidden)for(let e of wn)e()},1e3);function sr(e){let[,t]=g(""),n=e(Date.now());return C(()=>{let o=()=>t(e(Date.now()));return wn.add(o),()=>wn.delete(o)}),n}function q({at:e}){let t=sr(n=>Mo(Date.parse(e),n));return i`<time datetime=${e} title=${$n(e)}>${t}</time>`}function wt({at:e}){let t=sr(n=>z(n-Date.parse(e)));return i`<time datetime=${e} title=${`since ${$n(e)}`}>${t}</time>`}function me({tasks:e,selected:t,onSelect:n}){let o=t&&e.length>0&&e.every(({id:a})=>t.has(a));return i`<div class="scroll"><table class="rows tasks">
    <thead><tr>
      ${t&&i`<td class="check"><input type="checkbox" aria-label="Select all on this page" checked=${o} onChange=${()=>n(e,!o)} /></td>`}
      <th scope="col">State</th><th scope="col">Task</th><th scope="col" class="wide">Queue</th>
      <th scope="col" class="num wide">Attempt</th><th scope="col" class="wide">Details</th><th scope="col" class="num">When</th>
    </tr></thead>
    <tbody>${e.map(a=>i`<${Za} key=${a.id} task=${a} selected=${t} onSelect=${n} />`)}</tbody>
  </table></div>`}function Za({task:e,selected:t,onSelect:n}){let o=t?.has(e.id);return i`<tr data-row class=${o?"chosen":""}>
    ${t&&i`<td class="check"><input type="checkbox" aria-label=${`Select ${e.id}`} checked=${o} onChange=${()=>n([e],!o)} /></td>`}
    <td><${De} of=${e.state} /></td>
    <th scope="row"><a class="row" href=${b(["tasks",e.id])}><span class="name">${ne(e.target)}</span><code class="id">${e.id}</code></a></th>
    <td class="wide"><a href=${b(["tasks"],{queue:e.queue})}>${e.queue}</a></td>
    <td class="num wide">${e.attempt}<span class="faint"> / ${e.retry.max_attempts}</span></td>
    <td class="wide known">${Xa(e)}</td>
    <td class="num when">${es(e)}</td>
  </tr>`}function Xa({error:e,progress:t,schedule:n,labels:o,state:a,fairness_key:r}){if(e&&a!=="cancelled")return i`<span class="bad" title=${e.message}>${e.kind}: ${e.message}</span>`;if(a==="running"&&t)return i`<progress max=${t.total||1} value=${t.done} aria-label="progress"></progress> ${t.done} / ${t.total}`;let s=Object.entries(o??{}).map(([l,u])=>ee(l,u));return r&&s.unshift(`key ${r}`),n&&s.unshift(`schedule ${n}`),i`<span class="faint">${s.join(", ")}</span>`}function es(e){if(e.state==="running")return i`<${wt} at=${e.started_at} />`;if(e.finished_at)return i`<${q} at=${e.finished_at} />`;let t=e.next_attempt_at??e.run_at;return i`${Date.parse(t)<Date.now()&&"due "}<${q} at=${t} />`}var xn=50;function ir({query:e}){let t={...gt(e),state:""},n=Re(t),o=`dead ${JSON.stringify(n)}`,a=A(o,f=>Qe({...n,limit:ae},f),15e3),r=ns(o,n),s=K(),l=ge(()=>ts(a.data?.tasks??[],r.tasks),[a.data,r.tasks]),u=ge(()=>bt(l),[l]),d=r.pages>0?r.next:a.data?.next_cursor,c=e.get("group"),m=f=>f&&a.refresh();return a.data?i`
    <h1>Dead letters</h1>
    <${ze} screen="dead" filters=${t} />
    <${T} problem=${a.problem} retry=${a.refresh} />
    ${l.length===0?i`<${rs} filters=${t} />`:i`
        <div class="actions">
          ${!s&&i`<button type="button" onClick=${()=>yt(t).then(m)}>Redrive all that match…</button>`}
          <span>${H(d?{at_least:l.length}:l.length,"failed task")} in ${H(u.length,"group")}</span>
          ${d&&i`<button type="button" disabled=${r.reading} onClick=${()=>r.read(d)}>${r.reading?"Reading\u2026":`Read ${ae} older`}</button>`}
        </div>
        <${T} problem=${r.problem} />
        <ol class="plain groups">
          ${u.map(f=>i`<${os} key=${f.key} group=${f} open=${c===f.key} filters=${t} readOnly=${s} done=${m} />`)}
        </ol>`}
  `:i`<h1>Dead letters</h1><${ze} screen="dead" filters=${t} /><${D} problem=${a.problem} retry=${a.refresh} />`}function ts(e,t){return[...new Map([...e,...t].map(o=>[o.id,o])).values()]}function ns(e,t){let n={key:e,tasks:[],next:null,pages:0,reading:!1},[o,a]=g(n);C(()=>a(n),[e]);let r=o.key===e?o:n;return{...r,read:async l=>{a({...r,reading:!0,problem:null});try{let u=await Qe({...t,limit:ae,cursor:l});a({...r,tasks:[...r.tasks,...u.tasks],next:u.next_cursor,pages:r.pages+1,reading:!1})}catch(u){a({...r,reading:!1,problem:u})}}}}function os({group:e,open:t,filters:n,readOnly:o,done:a}){let{key:r,tasks:s,latest:l,first:u,queues:d}=e,c=s.map(({id:h})=>h),m=Object.fromEntries(n.labels.map(([h,$])=>[`label.${h}`,$])),f=b(["dead"],{queue:n.queue,...m,group:t?"":r}),p=()=>Xo(c,`${H(c.length,"task")} that failed with \u201C${r}\u201D start again. Their attempts are counted from 0.`);return i`<li class="panel group" data-row>
    <div class="group-head">
      <span class="big num">${v(s.length)}</span>
      <div class="grow">
        <a class="row message" aria-expanded=${t} href=${f} onClick=${h=>{h.preventDefault(),ft(f)}}>${r}</a>
        <p class="faint">latest <${q} at=${l.finished_at} />${s.length>1&&i`, first <${q} at=${u.finished_at} />`} · ${[...d].map(([h,$])=>i`<a key=${h} href=${Q("dead",{...n,queue:h})}>${h}</a> ${v($)} `)}</p>
      </div>
      ${!o&&i`<button type="button" onClick=${()=>p().then(a)}>Redrive ${v(s.length)}…</button>`}
    </div>
    ${t&&i`<${me} tasks=${s.slice(0,xn)} selected=${null} />${s.length>xn&&i`<p class="faint">The latest ${xn} of ${v(s.length)}.</p>`}`}
  </li>`}function rs({filters:e}){let t=!e.queue&&e.labels.length===0;return i`<section class="panel teach">
    <h2>${t?"No task has failed":"No failed task matches"}</h2>
    <p>A task comes here when no attempt is left, or when an attempt fails for good. It stays until it is started again or its record's time is over.</p>
    ${!t&&i`<p><a href=${b(["dead"])}>Show all</a></p>`}
  </section>`}var as=100,Ve=6e4,ss=10*Ve,Sn=E([]);async function lr(e){let{json:t}=await N(U(k("tasks"),{limit:as}),e),n=Date.now(),o=is(t,n),a=Math.round(o.came*Ve/o.within);return Sn.set(r=>[...r.filter(([s])=>s>n-ss),[n,a]]),o}function is({tasks:e,next_cursor:t},n){let o=e.map(({created_at:l})=>n-Date.parse(l)),a=o[o.length-1]??Ve,r=t?Math.min(Math.max(a,1e3),Ve):Ve,s=l=>e.filter(({state:u})=>u===l).length;return{came:o.filter(l=>l<=r).length,within:r,tasks:e.length,succeeded:s("succeeded"),failed:s("failed")}}var cr=["succeeded","failed","cancelled","expired"],ls=e=>cr.reduce((t,n)=>t+e[n],0);function ur(e,t){let n=Array(60).fill(0),o=Math.floor(t/6e4);for(let r of e){let s=Math.min(59,59-o+Date.parse(r.at)/6e4);s>=0&&(n[s]+=ls(r))}let a=r=>e.reduce((s,l)=>s+l[r],0);return{minutes:n,ended:cr.reduce((r,s)=>r+a(s),0),failed:a("failed")}}var dr=/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;function*cs(e){for(let[t]of e.matchAll(dr))yield t}var xt=new Set(["{","["]),pr=new Set(["}","]"]);function St(e){let t=[],n=0,o="",a=[...cs(e)],r=()=>t.push(["space",`
${"  ".repeat(n)}`]);return a.forEach((s,l)=>{pr.has(s)?(n-=1,xt.has(o)||r(),t.push(["mark",s])):((xt.has(o)||o===",")&&r(),t.push([us(s,a[l+1]),s]),s===":"&&t.push(["space"," "]),xt.has(s)&&(n+=1)),o=s}),t}function us(e,t){return e.startsWith('"')?t===":"?"name":"string":e.length===1&&"{}[],:".includes(e)?"mark":e==="true"||e==="false"||e==="null"?"word":"number"}function te(e){return St(e).map(([,t])=>t).join("")}function se(e,t){let n=0,o=!1,a=-1;for(let r of e.matchAll(dr)){let[s]=r;if(n===1&&a>=0&&(s===","||s==="}"))return e.slice(a,r.index).trim();o&&s===":"?(a=r.index+1,o=!1):n===1&&a<0&&s.startsWith('"')&&(o=JSON.parse(s)===t&&/^\s*:/.test(e.slice(r.index+s.length,r.index+s.length+20))),xt.has(s)&&(n+=1),pr.has(s)&&(n-=1)}}function Ae(e,t){return`{${[...Object.entries(e).map(([a,r])=>[a,JSON.stringify(r)]),...Object.entries(t)].filter(([,a])=>a!==void 0).map(([a,r])=>`${JSON.stringify(a)}:${r}`).join(",")}}`}function Ge(e){try{return JSON.parse(e),null}catch(t){return t.message}}function Tt(e){let t={true:"True",false:"False",null:"None"};return St(e).map(([n,o])=>n==="name"||n==="string"?JSON.stringify(JSON.parse(o)):n==="word"?t[o]:o).join("")}var ds={queue:"default",priority:"normal",timeout_seconds:60,retain_seconds:604800},ps={max_attempts:5,min_backoff_seconds:1,max_backoff_seconds:600,multiplier:2},ms=["target","queue","priority","timeout_seconds","retry","fairness_key","expected_duration_ms","retain_seconds","labels"],Ot=["on_success","on_failure"];function Ct(e,t){let n={};for(let a of ms){let r=e[a];if(!(r==null||r===ds[a])&&!(a==="labels"&&Object.keys(r).length===0)){if(a==="retry"){let s=Object.entries(r).filter(([l,u])=>u!==ps[l]);s.length>0&&(n.retry=Object.fromEntries(s));continue}n[a]=r}}let o={};for(let a of Ot)e[a]!=null&&(o[a]=se(t,a));return{fields:n,callbacks:o,payload:se(t,"payload")??"null"}}function fr({fields:e,callbacks:t,payload:n}){return te(Ae(e,{...t,payload:n}))}var fs={token:()=>['-H "authorization: Bearer $TASKWAY_TOKEN"'],signature:e=>[`--aws-sigv4 "aws:amz:${hs(e)}:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"`,'${AWS_SESSION_TOKEN:+"-Hx-amz-security-token: $AWS_SESSION_TOKEN"}']};function hs(e){return/\.execute-api\.([a-z]+(?:-[a-z]+)+-\d+)\./.exec(new URL(e).hostname)?.[1]??"$AWS_REGION"}function hr({fields:e,callbacks:t,payload:n},o,a){return Tn(Ae(e,{...t,payload:n}),o,a)}function Tn(e,t,n){return`${[`curl -s ${t}/v1/tasks`,...fs[n]?.(t)??[],"-H 'content-type: application/json'"].join(" ")} -d ${At(e)}`}function Et({fields:e,callbacks:t,payload:n},o,a){let{target:r,retry:s={},labels:l={}}=e,u=a==="signature"&&!o.startsWith("https:")?["--sign"]:[],d=["taskway","--url",o,...u,"submit"],c=(m,f)=>f!=null&&d.push(m,At(String(f)));if(r.handler&&d.push(r.handler),r.http){c("--http",r.http.url),r.http.method!=="POST"&&c("--method",r.http.method);for(let[m,f]of Object.entries(r.http.headers??{}))c("--header",`${m}:${f}`)}r.lambda&&(c("--lambda",r.lambda.function),c("--invocation",r.lambda.invocation),c("--tenant-id",r.lambda.tenant_id)),n!=="null"&&d.push(r.handler?At(n):`--payload ${At(n)}`),c("--queue",e.queue),c("--priority",e.priority),c("--timeout",e.timeout_seconds),c("--max-attempts",s.max_attempts),c("--min-backoff",s.min_backoff_seconds),c("--max-backoff",s.max_backoff_seconds),c("--multiplier",s.multiplier),c("--fairness-key",e.fairness_key),c("--expected-duration-ms",e.expected_duration_ms),c("--retain",e.retain_seconds);for(let[m,f]of Object.entries(l))c("--label",ee(m,f));for(let[m,f]of Object.entries(t))c(`--${m.replace("_","-")}`,f);return d.join(" ")}function $r({fields:e,callbacks:t,payload:n},o){let{target:a,retry:r}=e,s=p=>Tt(JSON.stringify(p)),l=[],u=(p,h)=>h!=null&&l.push(`${p}=${h}`),d=new Set(["Taskway"]),c=({handler:p,http:h,lambda:$})=>h?(d.add("Http"),`Http(${s(h.url)}, ${s(h.method??"POST")}, ${s(h.headers??{})})`):$?(d.add("Lambda"),`Lambda(${s($.function)}, ${s($.invocation??null)}, ${s($.tenant_id??null)})`):s(p??""),m=c(a);for(let p of["queue","priority","fairness_key","labels"])e[p]!=null&&u(p,s(e[p]));u("timeout",e.timeout_seconds),u("retain",e.retain_seconds),e.expected_duration_ms!=null&&u("expected_duration",e.expected_duration_ms/1e3);for(let[p,h]of Object.entries(t)){d.add("Callback");let _=["queue","payload","labels"].map(y=>[y,se(h,y)]).filter(([,y])=>y!==void 0&&y!=="null").map(([y,P])=>`${y}=${mr(Tt(P))}`);u(p,`Callback(${[c(JSON.parse(h).target),..._].join(", ")})`)}if(r){d.add("RetryPolicy");let p=Object.entries(r).map(([h,$])=>`${h.replace("_seconds","")}=${$}`);u("retry",`RetryPolicy(${p.join(", ")})`)}let f=l.map(p=>`, ${p}`).join("");return`from taskway import ${[...d].sort().join(", ")}

with Taskway(${s(o)}) as taskway:
    task = taskway.submit(${m}, ${mr(Tt(n))}${f})
    print(task.id)`}function mr(e){return e.replaceAll(`
`,`
    `)}function At(e){return/^[\w.,:/@%+=-]+$/.test(e)?e:`'${e.replaceAll("'","'\\''")}'`}function Nt({text:e,label:t="Copy"}){return i`<button type="button" class="quiet" onClick=${()=>$s(e)}>${t}</button>`}async function $s(e){try{await navigator.clipboard.writeText(e),M("Copied.")}catch{M("This browser does not let a page copy. Select the text and copy it by hand.","bad")}}function ie({text:e,label:t}){let n=j();return i`
    <div class="snippet">
      <pre ref=${n} tabindex="0" role="region" aria-label=${t} onClick=${()=>{window.getSelection().isCollapsed&&window.getSelection().selectAllChildren(n.current)}}>${e}</pre>
      <${Nt} text=${e} />
    </div>
  `}var _s='eval "$(aws configure export-credentials --format env)"';function Pt(){let e=w(B)?.sender,t={signature:i`curl signs with the AWS credentials in the variables of your shell. The AWS CLI sets those of a profile: <code>${_s}</code>`,token:i`curl sends the token in <code>TASKWAY_TOKEN</code> of your shell.`,password:i`Add the user and password of the URL with <code>--user</code>.`}[e];return t?i`<p class="faint">${t}</p>`:null}function Me(){let e=w(B),t=pe(),n=Tn('{"target": {"handler": "echo"}, "payload": {"hello": "world"}}',t,e?.sender),a=Et({fields:{target:{handler:"echo"}},callbacks:{},payload:'{"hello": "world"}'},t,e?.sender);return i`<section class="panel teach">
    <h2>No task yet</h2>
    <p>Paste one of these into a shell, and the task appears here. Or <a href=${b(["submit"],{template:"echo"})}>fill in a form</a>.</p>
    <${ie} label="A first task with the taskway command" text=${a} />
    <${ie} label="A first task with curl" text=${n} />
    <${Pt} />
  </section>`}function _r(e){let t=new Map;for(let{handlers:n,running:o,last_seen_at:a}of e)for(let r of n){let s=t.get(r)??{name:r,programs:0,running:0,seen:a};t.set(r,{...s,programs:s.programs+1,running:s.running+(o?1:0)})}return[...t.values()].sort((n,o)=>n.name<o.name?-1:1)}function yr({programs:e}){return e?i`<section class="panel" aria-labelledby="handlers">
    <h2 id="handlers">Handlers</h2>
    ${e.length===0?i`<${bs} />`:i`<${ys} handlers=${_r(e)} />`}
  </section>`:null}function ys({handlers:e}){return i`
    <div class="scroll">
      <table class="rows handlers">
        <thead><tr><th scope="col">Handler</th><th scope="col" class="num">Programs</th><th scope="col" class="num wide">Running</th><th scope="col" class="num">Last seen</th></tr></thead>
        <tbody>${e.map(({name:t,programs:n,running:o,seen:a})=>i`<tr key=${t}>
            <th scope="row">${t}</th>
            <td class="num">${v(n)}</td>
            <td class=${`num wide ${o===0?"faint":""}`}>${v(o)}</td>
            <td class="num when"><${q} at=${a} /></td>
          </tr>`)}</tbody>
      </table>
    </div>
    <p class="faint">Executors with the same handlers are one program. A program counts as running for two minutes after it was last seen. A function is seen when it has work.</p>
  `}function bs(){return i`
    <p>No program has announced handlers within the last week. A worker announces its handlers when it starts, and every 30 s. A function does so when it gets tasks.</p>
    <p>Start a worker in a shell whose <code>TASKWAY_TABLE</code> and <code>TASKWAY_QUEUE_…</code> name this stack, and its handlers appear here.</p>
    <${ie} label="A worker with the shipped handlers" text="taskway worker" />
    <p class="faint">A task that calls a URL or a Lambda function needs no handler.</p>
  `}var Oe=240,fe=36,gs=6e4;function br({name:e,points:t,tone:n=""}){let o=t.length>0?t[t.length-1][0]:0,a=Math.max(gs,t.length>0?o-t[0][0]:0),r=Math.max(1,...t.map(([,p])=>p)),s=p=>Oe-(o-p)/a*Oe,l=p=>fe-2-p/r*(fe-4),u=t.map(([p,h],$)=>`${$===0?"M":"L"}${s(p).toFixed(1)},${l(h).toFixed(1)}`).join(""),d=t.length>0?s(t[0][0]).toFixed(1):Oe,c=t.length>0?t[t.length-1][1]:0,m=Math.round(a/6e4),f=`${e}: now ${v(c)}, highest ${v(Math.max(0,...t.map(([,p])=>p)))} in ${m} min`;return i`
    <svg class=${`spark ${n}`} viewBox="0 0 ${Oe} ${fe}" preserveAspectRatio="none" role="img" aria-label=${f}>
      <title>${f}</title>
      ${t.length>1&&i`<path class="under" d=${`${u}L${Oe},${fe}L${d},${fe}Z`} />`}
      ${t.length>1&&i`<path class="line" d=${u} vector-effect="non-scaling-stroke" />`}
    </svg>
  `}function An({name:e,values:t,each:n,tone:o=""}){let a=t.filter(c=>c!==null),r=a.reduce((c,m)=>V(m)>V(c)?m:c),s=Math.max(1,V(r)),l=Oe/t.length,u=v(t[t.length-1]),d=`${e}: ${u} in the latest ${n}, at most ${v(r)} in one of ${a.length}`;return i`
    <svg class=${`spark ${o}`} viewBox="0 0 ${Oe} ${fe}" preserveAspectRatio="none" role="img" aria-label=${d}>
      <title>${d}</title>
      ${t.map((c,m)=>{if(c===null)return null;let f=V(c)===0?1:Math.max(3,V(c)/s*fe);return i`<rect class=${V(c)===0?"none":"column"} x=${m*l+1} y=${fe-f} width=${l-2} height=${f} />`})}
    </svg>
  `}function Ye({name:e,value:t,of:n}){let o=Math.min(t??0,n),a=n>0?o/n:0,r=a>=1?"full":a>=.8?"high":"";return i`
    <span class="gauge">
      <meter class=${r} min="0" max=${n} value=${o} aria-label=${e}></meter>
      <span class="number">${v(t)} / ${v(n)}</span>
    </span>
  `}function qt({queues:e,more:t}){let n=w(Ie);return i`
    <div class="scroll">
      <table class="rows queues">
        <thead><tr>
          <th scope="col">Queue</th><th scope="col"><span class="word">State</span></th><th scope="col">Running</th>
          <th scope="col" class="num">Held</th><th scope="col" class="num">Failed</th>
        </tr></thead>
        <tbody>
          ${e.map(o=>i`<${ks} key=${o.name} queue=${{...n.get(o.name),...o}} />`)}
        </tbody>
      </table>
    </div>
    ${t&&i`<p class="faint">These are the first ${e.length} queues. Others are found by name: <code>${"#/queues/NAME"}</code>.</p>`}
  `}function ks({queue:e}){let{name:t,paused:n,concurrency:o,rate:a,held:r,failed:s,running:l}=e;return i`<tr data-row>
    <th scope="row"><a class="row" href=${b(["queues",t])}>${t}</a></th>
    <td>${n?i`<span class="state paused"><span class="shape" aria-hidden="true">‖</span><span class="word">paused</span></span>`:ar(e)?i`<span class="faint word">limited</span>`:i`<span class="faint word">open</span>`}</td>
    <td>${o?i`<${Ye} name=${`running in ${t}`} value=${l} of=${o} />`:i`<span class="faint">${a?Je(a):"no limit"}</span>`}</td>
    <td class="num">${gr(r,["tasks"],{queue:t,state:"scheduled"})}</td>
    <td class="num">${gr(s,["dead"],{queue:t},"bad")}</td>
  </tr>`}function gr(e,t,n,o=""){return e==null||e===0?i`<span class="faint">${v(e)}</span>`:i`<a class=${o} href=${b(t,n)}>${v(e)}</a>`}var vs=10*6e4,Dt=["high","normal","low"],On=E([]);async function kr(e){let{json:t}=await N(k("stats"),e),n=a=>Dt.reduce((r,s)=>r+t.lanes[s][a],0),o={at:Date.now(),waiting:n("waiting"),in_flight:n("in_flight"),delayed:n("delayed")};return On.set(a=>[...a.filter(({at:r})=>r>o.at-vs),o]),t}var vr=15,ws=100,xs=8;function xr(){let e=A("stats",kr,2e3),t=A("queues",Le,1e4),n=A("overview-dead",l=>Qe({limit:ws},l),15e3),o=(t.data?.queues??[]).map(({name:l})=>l),a=t.data&&!t.data.next_cursor&&o.length>0,r=A(a?"arrivals":null,lr,3e4);A(o.length>0?`details ${o.join(" ")}`:null,l=>vt(o,l),2e3);let s=e.data&&i`<${yr} programs=${e.data.programs} />`;return t.data&&o.length===0?i`<h1>Overview</h1><${Me} /><div class="teach">${s}</div>`:i`
    <h1>Overview</h1>
    <${T} problem=${e.problem} retry=${e.refresh} />
    ${e.data?i`<${Ss} stats=${e.data} dead=${n.data} arrivals=${a&&r.data} />`:!e.problem&&i`<${D} />`}
    <div class="columns">
      <div>
        <section class="panel">
          <h2>Queues</h2>
          ${t.data?i`<${qt} queues=${t.data.queues} more=${t.data.next_cursor} />`:i`<${D} problem=${t.problem} retry=${t.refresh} />`}
        </section>
        <section class="panel">
          <h2>Lanes</h2>
          ${e.data?i`<${Os} stats=${e.data} />`:i`<${D} problem=${e.problem} retry=${e.refresh} />`}
        </section>
      </div>
      <div>
        <section class="panel">
          <h2>Failures</h2>
          ${n.data?i`<${Cs} list=${n.data} />`:i`<${D} problem=${n.problem} retry=${n.refresh} />`}
        </section>
        <${Es} />
        ${s}
      </div>
    </div>
  `}function Ss({stats:e,dead:t,arrivals:n}){let o=w(On),a=w(Sn),r=c=>o.map(m=>[m.at,m[c]]),s=c=>Dt.reduce((m,f)=>m+e.lanes[f][c],0),l=e.promotion_lag_seconds,u=V(e.unreadable),d=t&&rr(t,vr,Date.now());return i`
    <div class="tiles">
      ${n&&i`<${Rt} name="New tasks" value=${n.came} line="New tasks a minute" points=${a} note=${As(n)} />`}
      <${Rt} name="Waiting" value=${s("waiting")} note="for an executor" points=${r("waiting")} />
      <${Rt} name="Running" value=${s("in_flight")} note="in flight" points=${r("in_flight")} tone="run" />
      <${Rt} name="Delayed" value=${s("delayed")} note="due within 15 min" points=${r("delayed")} tone="wait" />
      <div class=${`tile ${V(e.due_backlog)>0?"warn":""}`}>
        <h2>Late</h2>
        <p class="big">${v(e.due_backlog)}</p>
        <p class="faint">${l>0?`the oldest by ${z(l*1e3)}`:"nothing is past its time"}</p>
      </div>
      ${e.ended&&i`<${Ts} hour=${ur(e.ended,Date.now())} />`}
      <div class="tile">
        <h2>Failures</h2>
        <p class="big">${d?v(d[vr-1]):"\u2013"}</p>
        ${d?i`<${An} name="Failures" values=${d} each="minute" tone="fail" />`:""}
        <p class="faint">in the latest minute</p>
      </div>
      ${u>0&&i`<div class="tile warn"><h2>Unreadable</h2><p class="big">${v(e.unreadable)}</p>
        <p class="faint">messages wait for a person</p></div>`}
    </div>
  `}function Ts({hour:{minutes:e,ended:t,failed:n}}){let o=t===0?"":`, ${Lo(n/t)}`;return i`<div class="tile">
    <h2>Ended</h2>
    <p class="big">${v(t)}</p>
    <${An} name="Ended tasks" values=${e} each="minute" />
    <p class="faint">in the last hour; ${v(n)} failed${o}</p>
  </div>`}function Rt({name:e,value:t,line:n=e,note:o,points:a,tone:r}){return i`<div class="tile">
    <h2>${e}</h2>
    <p class="big">${v(t)}</p>
    <${br} name=${n} points=${a} tone=${r} />
    <p class="faint">${o}</p>
  </div>`}function As({within:e,tasks:t,succeeded:n,failed:o}){return`in ${e<6e4?z(e):"a minute"}; of the newest ${t}, ${n} succeeded, ${o} failed`}function Os({stats:e}){return i`<table>
    <thead><tr><th scope="col">Lane</th><th scope="col" class="num">Waiting</th><th scope="col" class="num">Running</th><th scope="col" class="num">Delayed</th></tr></thead>
    <tbody>
      ${Dt.map(t=>i`<tr key=${t}><th scope="row">${t}</th>${wr(e.lanes[t])}</tr>`)}
      <tr><th scope="row">dead letters</th>${wr(e.dead_letters)}</tr>
    </tbody>
  </table>`}function wr({waiting:e,in_flight:t,delayed:n}){return[e,t,n].map(o=>i`<td class=${`num ${o===0?"faint":""}`}>${v(o)}</td>`)}function Cs({list:e}){let t=ge(()=>bt(e.tasks),[e]);return t.length===0?i`<p class="faint">No task has failed.</p>`:i`
    <ul class="plain failures">
      ${t.slice(0,5).map(n=>i`<li key=${n.key}>
          <a href=${b(["dead"],{group:n.key})}><span class="num">${v(n.tasks.length)}</span><span class="message">${n.key}</span></a>
          <span class="faint"><${q} at=${n.latest.finished_at} /></span>
        </li>`)}
    </ul>
    <p class="faint">Of the ${e.next_cursor?"latest ":""}${H(e.tasks.length,"failed task")}. <a href=${b(["dead"])}>All dead letters</a></p>
  `}function Es(){let t=[...w(Ie).values()].flatMap(n=>(n.keys??[]).map(o=>({...o,queue:n.name})));return t.sort((n,o)=>V(o.held)-V(n.held)),t.length===0?null:i`<section class="panel">
    <h2>Busiest keys</h2>
    <table>
      <thead><tr><th scope="col">Key</th><th scope="col">Queue</th><th scope="col" class="num">Running</th><th scope="col" class="num">Held</th></tr></thead>
      <tbody>
        ${t.slice(0,xs).map(n=>i`<tr key=${`${n.queue} ${n.key}`}>
            <th scope="row">${n.key}</th>
            <td><a href=${b(["queues",n.queue])}>${n.queue}</a></td>
            <td class="num">${v(n.running)}</td>
            <td class="num">${v(n.held)}</td>
          </tr>`)}
      </tbody>
    </table>
  </section>`}var Sr=e=>({tasks:e?.tasks??"",per_seconds:e?.per_seconds??"",burst:e?.burst??""});function Tr({tasks:e,per_seconds:t,burst:n}){return[e,t,n].every(o=>String(o).trim()==="")?null:{tasks:G(e),per_seconds:G(t)??1,burst:G(n)??void 0}}function Or({queue:e,done:t}){let[n,o]=g(e.concurrency??""),[a,r]=g(e.per_key.concurrency??""),[s,l]=g(Sr(e.rate)),[u,d]=g(Sr(e.per_key.rate)),[c,m]=g(null),[f,p]=g(!1);return i`<form class="panel" onSubmit=${async $=>{$.preventDefault(),p(!0);try{let x={concurrency:G(a),rate:Tr(u)};await F("PATCH",k("queues",e.name),{concurrency:G(n),rate:Tr(s),per_key:x}),M("The limits are changed. They take effect within 5 s."),t()}catch(x){m(x),p(!1)}}} aria-label="Limits">
    <h2>Limits of ${e.name}</h2>
    <p class="faint">An empty field means no limit. Limits count the attempts of all executors together.</p>
    <div class="form-grid">
      <fieldset><legend>The queue</legend>
        <${S} label="Run at once" fault=${J(c,"/concurrency")}><input inputmode="numeric" name="concurrency" value=${n} onInput=${$=>o($.target.value)} /><//>
        <${Ar} rate=${s} set=${l} problem=${c} at="/rate" />
      </fieldset>
      <fieldset><legend>Each fairness key</legend>
        <${S} label="Run at once" fault=${J(c,"/per_key/concurrency")}><input inputmode="numeric" name="key-concurrency" value=${a} onInput=${$=>r($.target.value)} /><//>
        <${Ar} rate=${u} set=${d} problem=${c} at="/per_key/rate" />
      </fieldset>
    </div>
    <${T} problem=${c} />
    <div class="buttons"><button type="submit" class="primary" disabled=${f}>Save</button><button type="button" onClick=${t}>Leave it</button></div>
  </form>`}function Ar({rate:e,set:t,problem:n,at:o}){let a=(r,s)=>i`<${S} label=${s} fault=${J(n,`${o}/${r}`)}>
    <input inputmode="numeric" value=${e[r]} onInput=${l=>t({...e,[r]:l.target.value})} />
  <//>`;return i`<div class="rate">${a("tasks","Starts")}${a("per_seconds","in seconds")}${a("burst","Burst")}</div>`}var Ns=15;function Cr(){let{data:e,problem:t,refresh:n}=A("queues",Le,1e4),o=(e?.queues??[]).map(({name:a})=>a);return A(o.length>0?`details ${o.join(" ")}`:null,a=>vt(o,a),1e3),e?o.length===0?i`<h1>Queues</h1><${Me} />`:i`
    <h1>Queues</h1>
    <${T} problem=${t} retry=${n} />
    <section class="panel"><${qt} queues=${e.queues} more=${e.next_cursor} /></section>
    <p class="faint">A queue is there with its first task. Open one to pause it or to give it limits.</p>
  `:i`<h1>Queues</h1><${D} problem=${t} retry=${n} />`}function Er({name:e}){let{data:t,problem:n,refresh:o}=A(`queue ${e}`,l=>vn(e,l),2e3),a=K(),[r,s]=g(!1);return t?i`
    <header class="head">
      <h1>${e}</h1>
      ${t.paused&&i`<span class="state paused"><span class="shape" aria-hidden="true">‖</span>paused</span>`}
      <p><a href=${b(["tasks"],{queue:e})}>Tasks</a> · <a href=${b(["dead"],{queue:e})}>Failed tasks</a></p>
    </header>
    <${T} problem=${n} retry=${o} />
    ${!a&&i`<${qs} queue=${t} refresh=${o} edit=${()=>s(!r)} editing=${r} />`}
    ${r&&i`<${Or} queue=${t} done=${()=>{s(!1),o()}} />`}
    <div class="columns">
      <section class="panel">
        <h2>Limits and counts</h2>
        <dl class="fields">
          <dt>running</dt><dd>${t.concurrency?i`<${Ye} name="running" value=${t.running??0} of=${t.concurrency} />`:i`<span class="faint">no limit, so it is not counted</span>`}</dd>
          <dt>rate</dt><dd>${Je(t.rate)}</dd>
          <dt>of each key, running</dt><dd>${t.per_key.concurrency??"no limit"}</dd>
          <dt>of each key, rate</dt><dd>${Je(t.per_key.rate)}</dd>
          <dt>held back</dt><dd>${v(t.held)}</dd>
          <dt>failed</dt><dd>${t.failed?i`<a class="bad" href=${b(["dead"],{queue:e})}>${v(t.failed)}</a>`:v(t.failed)}</dd>
        </dl>
      </section>
      ${t.keys?.length>0&&i`<${Ds} keys=${t.keys} most=${t.per_key.concurrency} />`}
    </div>
    <${Ps} name=${e} />
  `:i`<h1>${e}</h1><${D} problem=${n} retry=${o} />`}function Ps({name:e}){let t=U(k("tasks"),{queue:e,limit:Ns}),{data:n,problem:o,refresh:a}=A(t,async r=>(await N(t,r)).json,5e3);return n?n.tasks.length===0?i`<p class="empty">This queue has no task.</p>`:i`<h2>Latest tasks</h2><${me} tasks=${n.tasks} selected=${null} />`:i`<${D} problem=${o} retry=${a} />`}function qs({queue:e,refresh:t,edit:n,editing:o}){let{name:a,paused:r}=e;return i`<div class="actions">
    <button type="button" data-key="p" title="key p" onClick=${async()=>{let l=r?"resume":"pause";!r&&!await oe({title:`Pause ${a}?`,text:"From 5 s on, no task of this queue starts. What runs ends as usual, new tasks are accepted, and nothing is lost.",verb:"Pause the queue",danger:!1})||(await Se(()=>F("POST",k("queues",a,l)),r?`${a} goes on.`:`${a} is paused.`),t())}}>${r?"Resume":"Pause\u2026"}</button>
    <button type="button" data-key="e" title="key e" aria-expanded=${o} onClick=${n}>Change limits</button>
    <button type="button" class="danger" onClick=${()=>nr(a).then(t)}>Purge…</button>
  </div>`}function Ds({keys:e,most:t}){return i`<section class="panel">
    <h2>Keys that hold back most</h2>
    <table>
      <thead><tr><th scope="col">Key</th><th scope="col">Running</th><th scope="col" class="num">Held</th></tr></thead>
      <tbody>${e.map(({key:n,running:o,held:a})=>i`<tr key=${n}>
          <th scope="row">${n}</th>
          <td>${t?i`<${Ye} name=${`running of ${n}`} value=${o??0} of=${t} />`:v(o)}</td>
          <td class="num">${v(a)}</td>
        </tr>`)}</tbody>
    </table>
  </section>`}var Rs=2e4;function It({text:e,label:t}){let n=e.length>Rs?te(e):St(e).map(([o,a])=>o==="space"||o==="mark"?a:i`<span class=${o}>${a}</span>`);return i`<pre class="json" tabindex="0" role="region" aria-label=${t}>${n}</pre>`}var Is=50,Ls=["cron","every_seconds","time_zone","overlap","misfire","start_at","end_at","jitter_seconds","paused"];async function Nr(e,t){let{json:n}=await N(U(k("schedules"),{limit:Is,cursor:e}),t);return n}async function Cn(e,t){let{json:n,text:o}=await N(k("schedules",e),t);return{schedule:n,task:se(o,"task")}}function En(e){return Object.fromEntries(Ls.filter(t=>e[t]!=null).map(t=>[t,e[t]]))}function Nn(e,t,n){return F("PUT",k("schedules",e),Ae(t,{task:n}))}async function Pr(e,t){let{schedule:n,task:o}=await Cn(e);return Nn(e,{...En(n),paused:t},o)}var Ms='{"target": {"handler": "echo"}, "payload": {"report": "daily"}}';function Pn({schedule:e,task:t=Ms,done:n}){let o=e?En(e):{},a=Intl.DateTimeFormat().resolvedOptions().timeZone,[r,s]=g({name:e?.name??"",kind:o.every_seconds?"every":"cron",cron:o.cron??"0 3 * * *",every:o.every_seconds??3600,zone:o.time_zone??a,overlap:o.overlap??"allow",misfire:o.misfire??"once",jitter:o.jitter_seconds||"",start:o.start_at??"",end:o.end_at??"",task:te(t)}),[l,u]=g(null),[d,c]=g(!1),m=Ge(r.task),f=h=>({name:h,value:r[h],onInput:$=>s({...r,[h]:$.target.value})});return i`<form class="panel" onSubmit=${async h=>{h.preventDefault(),c(!0);try{await Nn(r.name.trim(),js(r,o.paused),r.task),M(e?"The schedule is changed.":"The schedule is there."),n(r.name.trim())}catch($){u($),c(!1)}}} aria-label="Schedule">
    <div class="form-grid">
      <div>
        ${!e&&i`<${S} label="Name" hint="letters, digits, _ . -"><input required pattern="[A-Za-z0-9][A-Za-z0-9_.\\-]{0,63}" ...${f("name")} /><//>`}
        <${S} label="Repeats"><select ...${f("kind")}><option value="cron">by the calendar</option><option value="every">at intervals</option></select><//>
        ${r.kind==="cron"?i`<${S} label="Cron" hint="minute hour day month weekday; six fields have seconds first" fault=${J(l,"/cron")}><input required ...${f("cron")} /><//>
              <${S} label="Time zone" hint="a name such as Europe/Berlin" fault=${J(l,"/time_zone")}><input required ...${f("zone")} /><//>`:i`<${S} label="Every … seconds" fault=${J(l,"/every_seconds")}><input required inputmode="numeric" ...${f("every")} /><//>`}
        <${S} label="While the latest firing has not ended"><select ...${f("overlap")}><option value="allow">fire all the same</option><option value="skip">skip the time</option></select><//>
        <${S} label="Times that were missed"><select ...${f("misfire")}><option value="once">the latest fires for all</option><option value="skip">none fires</option><option value="all">all fire</option></select><//>
        <details><summary>More</summary>
          <${S} label="Jitter in seconds" fault=${J(l,"/jitter_seconds")}><input inputmode="numeric" ...${f("jitter")} /><//>
          <${S} label="Not before" hint="2026-12-01T00:00:00Z" fault=${J(l,"/start_at")}><input ...${f("start")} /><//>
          <${S} label="Not after" fault=${J(l,"/end_at")}><input ...${f("end")} /><//>
        </details>
      </div>
      <${S} label="Task of each firing" hint="as for a submit, in JSON" fault=${m??J(l,"/task")}><textarea rows="14" spellcheck=${!1} ...${f("task")}></textarea><//>
    </div>
    <${T} problem=${l} />
    <p class="faint">The next runs are shown once it is saved. What has started goes on as it was.</p>
    <div class="buttons"><button type="submit" class="primary" disabled=${d||!!m}>Save</button><button type="button" onClick=${()=>n(null)}>Leave it</button></div>
  </form>`}function js({kind:e,cron:t,every:n,zone:o,overlap:a,misfire:r,jitter:s,start:l,end:u},d=!1){let c=e==="cron"?{cron:t.trim(),time_zone:o.trim()}:{every_seconds:G(n)},m={start_at:l.trim(),end_at:u.trim(),jitter_seconds:G(s)},f=Object.fromEntries(Object.entries(m).filter(([,p])=>p!==""&&p!==null));return{...c,overlap:a,misfire:r,...f,paused:d}}var Fs=5;function qr(){return i`<h1>New schedule</h1><${Pn} done=${e=>X(b(e?["schedules",e]:["schedules"]))} />`}function Dr({name:e}){let{data:t,problem:n,refresh:o}=A(`schedule ${e}`,d=>Cn(e,d),5e3),a=K(),[r,s]=g(!1);if(!t)return i`<h1>${e}</h1><${D} problem=${n} retry=${o} />`;let{schedule:l,task:u}=t;return i`
    <header class="head">
      <h1>${e}</h1>
      ${l.paused&&i`<span class="state paused"><span class="shape" aria-hidden="true">‖</span>paused</span>`}
      <p>${l.description}</p>
    </header>
    <${T} problem=${n} retry=${o} />
    ${!a&&i`<${Us} schedule=${l} refresh=${o} edit=${()=>s(!r)} editing=${r} />`}
    ${r&&i`<${Pn} schedule=${l} task=${u} done=${()=>{s(!1),o()}} />`}
    ${l.notes.length>0&&i`<ul class="notes">${l.notes.map(d=>i`<li key=${d}>${d}</li>`)}</ul>`}
    <div class="columns">
      <div><${Hs} schedule=${l} /><section class="panel"><h2>Task of each firing</h2><${It} text=${u} label="Task of each firing" /></section></div>
      <${Bs} schedule=${l} />
    </div>
  `}function Us({schedule:e,refresh:t,edit:n,editing:o}){let{name:a,paused:r}=e;return i`<div class="actions">
    <button type="button" data-key="n" title="key n" onClick=${async()=>{await Se(()=>F("POST",k("schedules",a,"run")),"Its task is submitted."),t()}}>Run now</button>
    <button type="button" data-key="p" title="key p" onClick=${async()=>{!r&&!await oe({title:`Pause ${a}?`,text:"Nothing fires until it goes on, and firings that have not started are cancelled.",verb:"Pause the schedule",danger:!1})||(await Se(()=>Pr(a,!r),r?`${a} goes on.`:`${a} is paused.`),t())}}>${r?"Resume":"Pause\u2026"}</button>
    <button type="button" data-key="e" title="key e" aria-expanded=${o} onClick=${n}>Edit</button>
    <button type="button" class="danger" onClick=${async()=>{await oe({title:`Delete ${a}?`,text:"It fires no more, and firings that have not started are cancelled. Its tasks stay.",verb:"Delete the schedule",typed:a})&&await Se(()=>F("DELETE",k("schedules",a)),`${a} is deleted.`)&&X(b(["schedules"]))}}>Delete…</button>
  </div>`}function Hs({schedule:e}){let{next_runs:t,next_runs_local:n,time_zone:o}=e,a=Intl.DateTimeFormat().resolvedOptions().timeZone;return t.length===0?i`<section class="panel"><h2>Next runs</h2><p class="faint">${e.paused?"A paused schedule has none.":"There are none."}</p></section>`:i`<section class="panel">
    <h2>Next runs</h2>
    <div class="scroll"><table class="clocks">
      <thead><tr><th scope="col">In</th><th scope="col">${o}</th><th scope="col">Here: ${a}</th></tr></thead>
      <tbody>${t.slice(0,Fs).map((r,s)=>i`<tr key=${r}><td class="when"><${q} at=${r} /></td><td class="number">${Ws(n[s])}</td><td class="number">${Fo(r)}</td></tr>`)}</tbody>
    </table></div>
  </section>`}function Ws(e){let[t,n]=e.replace(".000","").split("T");return i`${t} <span class="when">${n.replace(/([+-]\d\d:\d\d)$/," $1")}</span>`}function Bs({schedule:e}){let t=[["cron",e.cron&&i`<code>${e.cron}</code>`],["every",e.every_seconds&&z(e.every_seconds*1e3)],["time zone",e.time_zone],["overlap",e.overlap==="skip"?"skip: no firing while the latest has not ended":"allow"],["missed times",{once:"once: the latest fires for all",skip:"skip: none fires",all:"all fire"}[e.misfire]],["jitter",e.jitter_seconds>0?`up to ${e.jitter_seconds} s`:null],["not before",e.start_at&&i`<${q} at=${e.start_at} />`],["not after",e.end_at&&i`<${q} at=${e.end_at} />`],["created",i`<${q} at=${e.created_at} />`],["last run",e.last_run&&i`<a href=${b(["tasks",e.last_run.task_id])}><${q} at=${e.last_run.at} /></a>`]];return i`<section class="panel"><h2>Fields</h2>
    <dl class="fields">${t.map(([n,o])=>o!=null&&i`<dt>${n}</dt><dd>${o}</dd>`)}</dl>
  </section>`}function Rr({query:e}){let t=e.get("cursor")??"",{data:n,problem:o,refresh:a}=A(`schedules ${t}`,s=>Nr(t,s),1e4),r=K();return n?i`
    <h1>Schedules</h1>
    <${T} problem=${o} retry=${a} />
    ${!r&&i`<div class="actions"><a class="button" href=${b(["schedules","new"])}>New schedule</a></div>`}
    ${n.schedules.length===0?i`<${Js} />`:i`<${Ks} schedules=${n.schedules} />`}
    <nav class="pages" aria-label="Pages">
      ${t&&i`<a href=${b(["schedules"])}>« First</a>`}
      ${n.next_cursor&&i`<a rel="next" data-next href=${b(["schedules"],{cursor:n.next_cursor})}>More »</a>`}
    </nav>
  `:i`<h1>Schedules</h1><${D} problem=${o} retry=${a} />`}function Ks({schedules:e}){return i`<div class="scroll"><table class="rows">
    <thead><tr><th scope="col">Schedule</th><th scope="col">When</th><th scope="col" class="wide">Task</th><th scope="col">Next</th><th scope="col" class="wide">Last</th></tr></thead>
    <tbody>${e.map(t=>i`<tr key=${t.name} data-row>
        <th scope="row"><a class="row" href=${b(["schedules",t.name])}>${t.name}</a></th>
        <td class="said">${t.description}</td>
        <td class="wide">${ne(t.task.target)}</td>
        <td>${t.paused?i`<span class="state paused"><span class="shape" aria-hidden="true">‖</span>paused</span>`:t.next_runs[0]?i`<${q} at=${t.next_runs[0]} />`:i`<span class="faint">never again</span>`}</td>
        <td class="wide">${t.last_run?i`<a href=${b(["tasks",t.last_run.task_id])}><${q} at=${t.last_run.at} /></a>`:i`<span class="faint">not yet</span>`}</td>
      </tr>`)}</tbody>
  </table></div>`}function Js(){let e=pe();return i`<section class="panel teach">
    <h2>No schedule yet</h2>
    <p>A schedule submits a task again and again, by the calendar of a time zone or at intervals. Paste this into a shell, or press <em>New schedule</em>.</p>
    <${ie} label="A first schedule" text=${`taskway --url ${e} schedule put nightly --cron '0 3 * * *' --zone Europe/Berlin echo '{"report": "daily"}'`} />
  </section>`}var Qs={http:{url:"https://",method:"POST",headers:{}},lambda:{function:"",invocation:"request"}},Ir=["delay_seconds","timeout_seconds","expected_duration_ms","retain_seconds"],Lr=["queue","run_at","deadline","fairness_key","idempotency_key"];function qn({fields:e,callbacks:t={},payload:n}){let[o,a]=g(()=>({...Object.fromEntries([...Ir,...Lr].map(_=>[_,e[_]??""])),priority:e.priority??"normal",max_attempts:e.retry?.max_attempts??"",kind:Object.keys(e.target)[0],handler:e.target.handler??"",target:te(JSON.stringify(e.target.http??e.target.lambda??{})),labels:Object.entries(e.labels??{}).map(([_,y])=>ee(_,y)).join(`
`),...Object.fromEntries(Ot.map(_=>[_,te(t[_]??"")])),payload:te(n)})),[r,s]=g(null),[l,u]=g(!1),d=_=>({name:_,value:o[_],onInput:y=>a({...o,[_]:y.target.value})}),c={...d("kind"),onInput:({target:{value:_}})=>a({...o,kind:_,target:te(JSON.stringify(Qs[_]??{}))})},m=_=>J(r,_),f=_=>o[_].trim()===""?null:Ge(o[_]),p=f("payload"),h=(_,y)=>i`<${S} label=${y} hint="JSON" fault=${f(_)??m(`/${_}`)}>
    <textarea rows="4" spellcheck=${!1} placeholder='{"target": {"handler": "echo"}}' ...${d(_)}></textarea>
  <//>`,$=o.kind==="handler"?null:Ge(o.target);return i`<form class="panel" onSubmit=${async _=>{_.preventDefault(),u(!0);try{let{json:y}=await F("POST",k("tasks"),zs(o,e.retry));M("Accepted."),X(b(["tasks",y.id]))}catch(y){s(y),u(!1)}}} aria-label="Task">
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
    <${T} problem=${r} />
    <div class="buttons"><button type="submit" class="primary" disabled=${l||!!(p??$??f("on_success")??f("on_failure"))}>Submit the task</button></div>
  </form>`}function zs(e,t){let n={target:e.kind==="handler"?{handler:e.handler.trim()}:{[e.kind]:JSON.parse(e.target)}};for(let d of Lr)e[d].trim()!==""&&(n[d]=e[d].trim());for(let d of Ir)G(e[d])!==null&&(n[d]=G(e[d]));e.priority!=="normal"&&(n.priority=e.priority);let o=G(e.max_attempts),{max_attempts:a,...r}=t??{},s=o===null?r:{...r,max_attempts:o};Object.keys(s).length>0&&(n.retry=s);let l=e.labels.split(`
`).filter(d=>d.trim()!=="");l.length>0&&(n.labels=Object.fromEntries(l.map(d=>$t(d)??[d.trim(),""])));let u=Ot.filter(d=>e[d].trim()!=="").map(d=>[d,e[d]]);return Ae(n,{...Object.fromEntries(u),payload:e.payload.trim()===""?"null":e.payload})}var Lt={echo:{name:"Echo",fields:{target:{handler:"echo"}},payload:'{"hello": "world"}'},retries:{name:"Fails twice, then succeeds",fields:{target:{handler:"fail"}},payload:'{"times": 2}'},fails:{name:"Fails for good",fields:{target:{handler:"fail"},labels:{tenant:"acme"}},payload:'{"fatal": true}'},sleeps:{name:"Takes 10 seconds",fields:{target:{handler:"sleep"}},payload:'{"seconds": 10}'},later:{name:"In five minutes",fields:{target:{handler:"echo"},delay_seconds:300},payload:'{"remind": "me"}'},http:{name:"Calls a URL",fields:{target:{http:{url:"https://example.com/hook",method:"POST",headers:{}}}},payload:'{"n": 1}'},lambda:{name:"Calls a Lambda function",fields:{target:{lambda:{function:"report",invocation:"request"}}},payload:'{"month": 11}'}};function Mr({query:e}){let t=e.get("from"),n=e.get("template")??"echo",o=Lt[n]??Lt.echo,a=K(),{data:r,problem:s,refresh:l}=A(t?`submit from ${t}`:null,async u=>{let{json:d,text:c}=await N(k("tasks",t),u);return Ct(d,c)},Number.MAX_SAFE_INTEGER);return a?i`<h1>Submit</h1><p class="empty">This dashboard only looks. Start it without <code>--read-only</code> to submit tasks.</p>`:t?i`<h1>Submit again</h1>
      <p>A new task like <a href=${b(["tasks",t])}><code>${t}</code></a>. That one stays as it is.</p>
      ${r?i`<${qn} key=${t} ...${r} />`:i`<${D} problem=${s} retry=${l} />`}`:i`<h1>Submit</h1>
    <nav class="tabs" aria-label="Templates">
      ${Object.entries(Lt).map(([u,{name:d}])=>i`<a class="tab" key=${u} aria-current=${o===Lt[u]?"true":null} href=${b(["submit"],{template:u})}>${d}</a>`)}
    </nav>
    <${qn} key=${n} ...${o} />`}var Vs=100;function jr(e){let n=e?.on_success||e?.on_failure?U(k("tasks"),{parent_id:e.id,limit:Vs}):null;return A(n,async o=>(await N(n,o)).json,5e3)}function Fr({list:{data:e,problem:t,refresh:n}}){return!e&&!t?null:i`<section class="panel" aria-label="Callbacks">
    <h2>Callbacks</h2>
    <${T} problem=${t} retry=${n} />
    ${e&&(e.tasks.length===0?i`<p class="faint">None has been made so far.</p>`:i`<${me} tasks=${e.tasks} selected=${null} />`)}
  </section>`}var Gs=1e3,Ys=5e3;function Ur(e,t,n){let o=[Xs(e),...ei(e),...ti(e),...ni(e),...oi(e),...ri(e,n),...si(e),...t.map(ii),e.deadline&&{key:"deadline",at:e.deadline,what:"Deadline"},e.retained_until&&{key:"kept",at:e.retained_until,what:"Record kept until then"}].filter(Boolean),a=({at:r})=>r?Date.parse(r):n;return o.sort((r,s)=>a(r)-a(s))}function Hr({attempt:e,generation:t,started_at:n,error:o,past_attempts:a=[]}){let r=new Set(a.map(u=>u.attempt)),s=Array.from({length:Math.max(e-1,0)},(u,d)=>r.has(d+1)).every(Boolean),l=o&&Date.parse(o.at)<Date.parse(n)&&!a.some(Dn(o));return!s||t>1||!!(n&&e===0)||!!l}var Dn=e=>t=>t.attempt===e?.attempt&&t.failed_at===e.at,Zs=e=>e==="scheduled"||e==="queued",Rn=(e,t)=>z(Date.parse(t)-Date.parse(e)),In=({error:e,started_at:t})=>!!(e&&t&&Date.parse(e.at)>=Date.parse(t));function Xs({created_at:e,run_at:t}){return{key:"submitted",at:e,what:"Submitted",note:Wr(t,e)?null:"due at once"}}var Wr=(e,t)=>Date.parse(e)-Date.parse(t)>Gs;function ei({past_attempts:e=[],retry:t,started_at:n,error:o,state:a}){return e.flatMap(r=>{let{attempt:s,started_at:l,failed_at:u,kind:d,message:c}=r,m=[];if(l!==n&&m.push({key:`started ${l}`,at:l,what:`Attempt ${s} of ${t.max_attempts} started`}),a==="failed"||!Dn(o)(r)){let f=`after ${Rn(l,u)}`,p=d==="lost"?null:[f,c].filter(Boolean).join(": ");m.push({key:`failed ${l}`,at:u,what:`Attempt ${s} failed: ${d}`,note:p,tone:"fail"})}return m})}function ti(e){let{created_at:t,run_at:n,started_at:o,state:a,attempt:r,retry:s,timeout_seconds:l}=e,u=[];if(Wr(n,t)&&u.push({key:"due",at:n,what:"First attempt due"}),!o)return u;let c=["running","succeeded","failed"].includes(a)||In(e)?`Attempt ${r} of ${s.max_attempts} started`:"Latest attempt started",m=a==="running";return u.push({key:"started",at:o,what:c,runs:m,note:m?`of at most ${l} s`:null,tone:m?"run":null}),u}function ni(e){let{error:t,state:n}=e;if(!t||n==="failed")return[];let o=In(e)?e.started_at:e.past_attempts?.find(Dn(t))?.started_at,a=o?`after ${Rn(o,t.at)}: `:"";return[{key:"error",at:t.at,what:`Attempt ${t.attempt} failed: ${t.kind}`,note:a+t.message,tone:"fail"}]}function oi({progress:e}){return e?[{key:"progress",at:e.at,what:`Progress ${e.done} / ${e.total}`}]:[]}function ri({state:e,held:t,attempt:n,run_at:o,next_attempt_at:a,started_at:r},s){if(!Zs(e))return[];let l=a?[{key:"next",at:a,what:`Attempt ${n+1} due`}]:[];return t?[...l,{key:"waits",what:"Held back",why:"held"}]:!a&&r?[{key:"next",what:"Another attempt follows",note:"The API does not tell when."}]:(s-Date.parse(a??o)>Ys&&l.push({key:"waits",what:"Waits, past its time",why:"behind"}),l)}var ai={succeeded:"Succeeded",failed:"Failed",cancelled:"Cancelled",expired:"Expired"};function si(e){let{state:t,finished_at:n,started_at:o,error:a}=e;if(!n)return[];let s=o&&(t==="succeeded"||t==="failed"&&In(e)&&a.kind!=="lost")?`after ${Rn(o,n)}`:"";if(t!=="failed")return[{key:"ended",at:n,what:ai[t]??t,note:s,tone:t==="succeeded"?"good":null}];let l=a&&[s,a.message].filter(Boolean).join(": ");return[{key:"ended",at:n,what:a?`Failed: ${a.kind}`:"Failed",note:l,tone:"fail"}]}function ii(e){return{key:e.id,at:e.created_at,what:`Callback ${ne(e.target)}`,callback:e}}function Br({task:e,callbacks:t}){let n=Date.now();return i`<section class="panel" aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    <ol class="plain timeline">
      ${Ur(e,t,n).map(o=>i`<${li} key=${o.key} step=${o} queue=${e.queue} now=${n} />`)}
    </ol>
    ${Hr(e)&&i`<p class="faint">The record keeps the failed attempts that it has room for, the latest first. Waits, and attempts that did not count or reported nothing, are not kept.</p>`}
  </section>`}function li({step:{at:e,what:t,note:n,tone:o,runs:a,why:r,callback:s},queue:l,now:u}){let d=e&&Date.parse(e)>u;return i`<li class=${`${d?"later":""} ${o??""}`}>
    <div class="step"><span>${s?i`<a href=${b(["tasks",s.id])}>${t}</a> <${De} of=${s.state} />`:t}</span>${e&&i`<${q} at=${e} />`}</div>
    ${(n||a)&&i`<p class="note faint">${a&&i`runs for <${wt} at=${e} /> `}${n}</p>`}
    ${r==="held"&&i`<p class="note faint">A pause, a limit or a rate of <a href=${b(["queues",l])}>${l}</a> holds it back.</p>`}
    ${r==="behind"&&i`<p class="note faint">Its queue does not hold it back: its lane is behind, or no program has its handler.</p>`}
  </li>`}function Qr({id:e}){let t=A(`task ${e}`,async r=>{let{json:s,text:l}=await N(k("tasks",e),r);return{task:s,text:l}},2e3),n=jr(t.data?.task);if(!t.data)return i`<h1>Task</h1><${D} problem=${t.problem} retry=${t.refresh} />`;let{task:o,text:a}=t.data;return i`
    <header class="head">
      <h1>${ne(o.target)}</h1>
      <${De} of=${o.state} />
      <p class="faint"><code>${o.id}</code> <${Nt} text=${o.id} label="Copy id" /></p>
    </header>
    <${T} problem=${t.problem} retry=${t.refresh} />
    <${ci} task=${o} refresh=${t.refresh} />
    ${o.error&&i`<${ui} error=${o.error} state=${o.state} />`}
    ${o.progress&&i`<${di} progress=${o.progress} />`}
    <${Fr} list=${n} />
    <div class="columns">
      <div>
        <${Kr} name="Payload" text=${se(a,"payload")??"null"} />
        ${o.result!=null&&i`<${Kr} name="Result" text=${se(a,"result")} />`}
        <${mi} task=${o} text=${a} />
      </div>
      <div><${Br} task=${o} callbacks=${n.data?.tasks??[]} /><${pi} task=${o} /></div>
    </div>
  `}function ci({task:e,refresh:t}){if(K())return null;let n=(o,a,r,s,l="")=>i`<button type="button" class=${l} data-key=${s} disabled=${!r(e.state)} title=${`key ${s}`} onClick=${()=>Yo(o,e.id).then(t)}>${a}</button>`;return i`<div class="actions">
    ${n("run","Run now",qe,"n")}
    ${n("retry","Retry\u2026",_t,"r")}
    <a class="button" data-key="e" title="key e" href=${b(["submit"],{from:e.id})}>Edit and submit again</a>
    ${n("cancel","Cancel\u2026",xe,"c","danger")}
  </div>`}function ui({error:e,state:t}){return i`<section class="panel failure">
    <h2>${t==="failed"?"It failed":"The latest attempt that failed"}: ${e.kind}</h2>
    <pre class="message" tabindex="0">${e.message}</pre>
    <p class="faint">attempt ${e.attempt}, <${q} at=${e.at} /></p>
  </section>`}function di({progress:e}){let{done:t,total:n,at:o}=e;return i`<section class="panel">
    <h2>Progress</h2>
    <progress max=${n||1} value=${t} aria-label="Progress of the task"></progress>
    <p><span class="number">${t} / ${n}</span> <span class="faint">reported <${q} at=${o} /></span></p>
  </section>`}function Kr({name:e,text:t}){return i`<section class="panel">
    <h2>${e} <${Nt} text=${t} label=${`Copy ${e.toLowerCase()}`} /></h2>
    <${It} text=${t} label=${e} />
  </section>`}function pi({task:e}){let{retry:t,labels:n,target:o}=e,a=`${t.min_backoff_seconds} s to ${t.max_backoff_seconds} s, \xD7${t.multiplier}`,r=Object.entries(o.http?.headers??{}),s=[["queue",i`<a href=${b(["queues",e.queue])}>${e.queue}</a>`],["lane",e.priority],["attempts",`${e.attempt} of ${t.max_attempts}`],["waits between attempts",a],["timeout of an attempt",`${e.timeout_seconds} s`],["fairness key",e.fairness_key],["idempotency key",e.idempotency_key],["expected duration",e.expected_duration_ms==null?null:z(e.expected_duration_ms)],["schedule",e.schedule&&i`<a href=${b(["schedules",e.schedule])}>${e.schedule}</a>`],["callback of",e.parent_id&&i`<a href=${b(["tasks",e.parent_id])}>${e.parent_id}</a>`],["after a success",e.on_success&&ne(e.on_success.target)],["after a failure",e.on_failure&&ne(e.on_failure.target)],["invocation",o.lambda?.invocation],["tenant",o.lambda?.tenant_id],["trace",e.traceparent&&i`<code>${e.traceparent}</code>`],["generation",e.generation]];return i`<section class="panel">
    <h2>Fields</h2>
    <dl class="fields">
      ${s.map(([l,u])=>u!=null&&i`<dt>${l}</dt><dd>${u}</dd>`)}
      ${r.map(([l,u])=>i`<dt>header ${l}</dt><dd><code>${u}</code></dd>`)}
      ${Object.entries(n).map(([l,u])=>i`<dt>label ${l}</dt><dd><a href=${b(["tasks"],{[`label.${l}`]:u})}>${u===""?"no value":u}</a></dd>`)}
    </dl>
  </section>`}var Jr={JSON:fr,curl:hr,"Command line":Et,Python:$r};function mi({task:e,text:t}){let[n,o]=g("JSON"),a=w(B),r=pe(),s=Ct(e,t),l=Jr[n](s,r,a?.sender);return i`<section class="panel">
    <h2>The same again</h2>
    <div class="tabs" role="group" aria-label="Form">
      ${Object.keys(Jr).map(u=>i`<button type="button" class="tab" key=${u} aria-pressed=${u===n} onClick=${()=>o(u)}>${u}</button>`)}
    </div>
    <${ie} text=${l} label=${`The task as ${n}`} />
    ${n==="curl"&&i`<${Pt} />`}
    ${l.includes("*masked*")&&i`<p class="faint">Answers mask credentials. Put the credential in the place of <code>*masked*</code>.</p>`}
  </section>`}var Ln="taskway.views";function Mt(){try{return JSON.parse(localStorage.getItem(Ln)??"[]").filter(hi)}catch{return[]}}var zr=e=>e.every(t=>typeof t=="string"),fi=e=>Array.isArray(e)&&e.length===2&&zr(e);function hi(e){let{name:t,queue:n,state:o,labels:a}=e??{};return zr([t,n,o])&&Array.isArray(a)&&a.every(fi)}var jt=E(Mt());window.addEventListener("storage",({key:e})=>(e===Ln||e===null)&&jt.set(Mt()));function Vr(e,{queue:t,state:n,labels:o}){return Yr([...Mt().filter(a=>a.name!==e),{name:e,queue:t,state:n,labels:o}])}function Gr(e){return Yr(Mt().filter(t=>t.name!==e))}function Yr(e){e.sort((t,n)=>t.name.localeCompare(n.name));try{localStorage.setItem(Ln,JSON.stringify(e))}catch{return!1}return jt.set(e),!0}function Ft({queue:e,state:t,labels:n}){return!e&&!t&&n.length===0}function Mn(e,t){let n=({queue:o,state:a,labels:r})=>JSON.stringify([o,a,r.map(s=>JSON.stringify(s)).sort()]);return n(e)===n(t)}var $i=60,Zr="This browser does not let the page keep anything. Keep the address as a bookmark instead.";function Xr({filters:e}){let t=w(jt),n=j(),[o,a]=g(!1),r=!Ft(e)&&!t.some(c=>Mn(c,e));if(t.length===0&&!r)return null;let s=()=>n.current.focus(),l=c=>{if(!Gr(c))return M(Zr,"bad");M(`The view ${c} is deleted.`),s()},u=c=>{if(!Vr(c,e))return M(Zr,"bad");M(`The view ${c} is kept in this browser.`),a(!1),s()},d=()=>{a(!1),s()};return i`<div class="views" ref=${n} tabindex="-1">
    ${t.length>0&&i`<nav class="tabs" aria-label="Saved views">
        ${t.map(c=>i`<span class="view" key=${c.name}>
            <a class="tab" aria-current=${Mn(c,e)?"true":null} href=${Q("tasks",c)}>${c.name}</a>
            <button type="button" class="quiet" aria-label=${`Delete the view ${c.name}`} onClick=${()=>l(c.name)}>✕</button>
          </span>`)}
      </nav>`}
    ${r&&(o?i`<${_i} save=${u} leave=${d} />`:i`<button type="button" class="quiet" data-key="v" title="key v" onClick=${()=>a(!0)}>Save as a view…</button>`)}
  </div>`}function _i({save:e,leave:t}){let[n,o]=g(""),a=j();return tn(()=>a.current.focus(),[]),i`<form class="inputs" aria-label="Save as a view" onSubmit=${s=>{s.preventDefault(),n.trim()!==""&&e(n.trim())}}>
    <label>Name <input ref=${a} required maxlength=${$i} autocomplete="off" value=${n} onInput=${s=>o(s.target.value)}
      onKeyDown=${s=>s.key==="Escape"&&t()} /></label>
    <button type="submit">Save</button>
    <button type="button" class="quiet" onClick=${t}>Leave it</button>
  </form>`}var yi=50,bi=600;function ea({query:e}){let t=gt(e),n=gi(t),{data:o,problem:a,refresh:r}=A(n,async $=>(await N(n,$)).json,4e3),s=K(),[l,u]=g(new Map),d=ki(t,o),c=Ft(t);C(()=>u(new Map),[n]);let m=($,x)=>u(_=>{let y=new Map(_);for(let P of $)x?y.set(P.id,P):y.delete(P.id);return y}),f=new Map((o?.tasks??[]).map($=>[$.id,$])),p=[...l.values()].map($=>f.get($.id)??$);return i`
    <h1>Tasks</h1>
    <${ze} screen="tasks" filters=${t} states />
    <${Xr} filters=${t} />
    ${!s&&(o||d)&&i`<${wi} chosen=${p} filters=${t} done=${$=>{$&&(u(new Map),r())}} clear=${()=>u(new Map)} />`}
    ${o&&i`<${T} problem=${a} retry=${r} />`}
    ${d??(o?i`<${vi} data=${o} filters=${t} selected=${s?null:l} select=${m} unfiltered=${c} />`:i`<${D} problem=${a} retry=${r} />`)}
  `}function gi({state:e,cursor:t,...n}){let o=e==="failed",a=Re({...n,state:o?"":e});return U(k(o?"dead":"tasks"),{...a,limit:yi,cursor:t})}function ki(e,t){let n=Q("tasks",{...e,cursor:""}),[o,a]=g({sought:n,pages:0,stopped:!1}),{pages:r,stopped:s}=o.sought===n?o:{pages:0,stopped:!1},l=t?.tasks.length===0?t.next_cursor:null;return C(()=>{if(!l||s)return;let u=setInterval(()=>{document.hidden||(a({sought:n,pages:r+1,stopped:!1}),ft(Q("tasks",{...e,cursor:l})))},bi);return()=>clearInterval(u)},[n,l,s]),s||!(l||r>0&&!t)?null:i`<p class="empty" role="status">No match on ${H(r+1,"page")} so far. Looking further back…
    <button type="button" onClick=${()=>a({sought:n,pages:r,stopped:!0})}>Stop</button>
  </p>`}function vi({data:e,filters:t,selected:n,select:o,unfiltered:a}){let{tasks:r,next_cursor:s}=e;return r.length===0&&!s&&a&&!t.cursor?i`<${Me} />`:i`
    ${r.length===0?i`<p class="empty">${s?"No task on this page matches. Older ones may.":"No task matches."} ${!a&&i`<a href=${Q("tasks",{labels:[]})}>Show all</a>`}</p>`:i`<${me} tasks=${r} selected=${n} onSelect=${o} />`}
    <nav class="pages" aria-label="Pages">
      ${t.cursor&&i`<a href=${Q("tasks",{...t,cursor:""})}>« Newest</a>`}
      ${s&&i`<a rel="next" data-next href=${Q("tasks",{...t,cursor:s})}>Older »</a>`}
    </nav>
  `}function wi({chosen:e,filters:t,done:n,clear:o}){let{state:a}=t;if(e.length===0)return i`<div class="actions">
      ${(a===""||xe(a))&&i`<button type="button" onClick=${()=>tr(t).then(n)}>Cancel all that match…</button>`}
      ${a==="failed"&&i`<button type="button" onClick=${()=>yt(t).then(n)}>Redrive all that match…</button>`}
      <span class="faint">or select some</span>
    </div>`;let r=l=>e.filter(u=>l(u.state)).map(({id:u})=>u),s=(l,u,d)=>i`<button type="button" disabled=${d.length===0} onClick=${()=>Zo(l,d).then(n)}>${u} ${d.length}</button>`;return i`<div class="actions chosen" role="toolbar" aria-label="Selected tasks">
    <strong>${H(e.length,"task")} selected</strong>
    ${s("cancel","Cancel",r(xe))}
    ${s("run","Run now",r(qe))}
    ${s("retry","Retry",r(_t))}
    <button type="button" class="quiet" onClick=${o}>Clear</button>
  </div>`}function xi({parts:[e,t],query:n}){return e===void 0?["Overview",i`<${xr} />`]:e==="tasks"&&t?[t,i`<${Qr} key=${t} id=${t} />`]:e==="tasks"?["Tasks",i`<${ea} query=${n} />`]:e==="dead"?["Dead letters",i`<${ir} query=${n} />`]:e==="queues"&&t?[t,i`<${Er} key=${t} name=${t} />`]:e==="queues"?["Queues",i`<${Cr} />`]:e==="schedules"&&t==="new"?["New schedule",i`<${qr} />`]:e==="schedules"&&t?[t,i`<${Dr} key=${t} name=${t} />`]:e==="schedules"?["Schedules",i`<${Rr} query=${n} />`]:e==="submit"?["Submit",i`<${Mr} query=${n} />`]:e==="about"?["About",i`<${Qo} />`]:["Nothing here",i`<h1>Nothing here</h1><p>There is no such screen. <a href=${b([])}>To the overview</a></p>`]}function Si(){let e=w(mt),t=w(Z).value!==null,[n,o]=xi(e),a=e.parts.join("/");C(()=>{document.title=`${n} \xB7 Taskway`},[n]),C(()=>window.scrollTo(0,0),[a]);let r=Ee&&!t,s=j(!1);return s.current||=!r,s.current?i`
    ${r&&i`<${gn} />`}
    <div class="whole" hidden=${r}>
    <${Ko} here=${e.parts[0]??""}><${jn} key=${a}>${o}<//><//>
    <${Uo} /><${Bo} /><${Ho} /><${Jo} />
    </div>
  `:i`<${gn} />`}var jn=class extends ye{componentDidCatch(t){console.error(t),this.setState({fault:t})}render({children:t},{fault:n}){return n?i`<${T} problem=${n} retry=${()=>this.setState({fault:null})} />`:t}};Ao();yn();W.listen(({down:e})=>!e&&!B.get()&&yn());var ta=document.getElementById("app");ta.textContent="";Gt(i`<${Si} />`,ta);
